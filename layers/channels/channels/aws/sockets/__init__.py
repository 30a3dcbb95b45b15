"""WebSocket and long-polling connections: who is connected, in which session, and sending."""
