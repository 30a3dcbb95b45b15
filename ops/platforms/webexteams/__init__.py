"""Webex, as `ops` knows it."""
