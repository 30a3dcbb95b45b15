"""Mattermost, as `ops` knows it."""
