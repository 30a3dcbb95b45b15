"""Slack, as `ops` knows it."""
