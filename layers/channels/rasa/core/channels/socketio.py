"""Aliases of `rasa.core.channels.socketio`."""

from channels.socketio import SocketIOInput
from channels.socketio.output import SocketIOOutput

__all__ = ["SocketIOInput", "SocketIOOutput"]
