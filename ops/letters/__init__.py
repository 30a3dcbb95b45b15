"""`ops queue` and `ops redrive`: what waits, and what was given up on."""
