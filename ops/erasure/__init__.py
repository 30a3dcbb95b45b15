"""`ops forget`: erasing what a stack keeps of one person."""
