"""Servers that tests start: platforms, assistants, models, certificate authorities."""
