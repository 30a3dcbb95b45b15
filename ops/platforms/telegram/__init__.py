"""Telegram, as `ops` knows it."""
