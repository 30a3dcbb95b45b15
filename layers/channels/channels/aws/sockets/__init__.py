"""WebSocket and long-polling connections: who is there, in which session, and sending."""
