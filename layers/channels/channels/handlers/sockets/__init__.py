"""The handlers of the WebSocket API and of long polling."""
