"""Twilio Voice, as `ops` knows it."""
