"""Twilio, as `ops` knows it."""
