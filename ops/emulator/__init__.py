"""MiniStack, the AWS emulator of the local stack: its process, found again and ended."""
