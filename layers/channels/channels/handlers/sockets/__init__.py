"""What the functions of the WebSocket API and of long polling call."""
