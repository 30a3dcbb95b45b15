"""`ops capture` and `ops replay`: requests that were kept, and sending them again."""
