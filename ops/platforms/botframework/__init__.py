"""Bot Framework, as `ops` knows it."""
