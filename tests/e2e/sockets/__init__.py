"""Socket.IO clients, the chat page and plain WebSockets."""
