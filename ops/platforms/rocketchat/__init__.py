"""Rocket.Chat, as `ops` knows it."""
