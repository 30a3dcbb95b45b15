"""The Socket.IO channel: protocol (`packets`, `protocol`, `plain`), `input`, `output`."""

from channels.socketio.input import SocketIOInput

__all__ = ["SocketIOInput"]
