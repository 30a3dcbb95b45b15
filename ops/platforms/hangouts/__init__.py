"""Google Chat, as `ops` knows it."""
