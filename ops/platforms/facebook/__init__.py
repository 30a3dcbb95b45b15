"""Messenger and Instagram, as `ops` knows it."""
