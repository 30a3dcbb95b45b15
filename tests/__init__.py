"""The tests, by level: a test sits at the lowest one that can fail."""
