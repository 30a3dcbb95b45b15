"""Send to a client over its transport: a WebSocket, long polling, or one after the other.

A client that starts with long polling keeps its connection's id when it moves to a WebSocket. Until
then its frames wait in the state table; afterwards they are posted to the WebSocket.
"""

from __future__ import annotations

from channels.aws.sockets.connections_table import NotThere
from channels.aws.sockets.polling_table import PollingTable, is_polling
from channels.aws.sockets.sender import Sender
from channels.aws.state.state_table import StateTable
from channels.errors import RateLimited, RecipientGone, SendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.wiring.settings import Settings


class ClientTransport:
    """Posts to connections of every kind."""

    def __init__(self, polling: PollingTable, sockets: Sender) -> None:
        """Keep frames in `polling` for clients that poll.

        Post them through `sockets` to the others.
        """
        self.polling = polling
        self.sockets = sockets

    @classmethod
    def from_settings(cls, settings: Settings) -> ClientTransport:
        """Make the transport that a Lambda's settings describe."""
        table = PollingTable(StateTable.from_settings(settings))
        return cls(table, Sender.from_settings(settings))

    def post(self, connection_id: str, frame: str) -> None:
        """Send a text frame; raise RecipientGone, RateLimited, PlatformUnavailable or SendError."""
        if not is_polling(connection_id):
            self.sockets.post(connection_id, frame)
            return
        try:
            socket = self._keep(connection_id, frame)
            if socket:
                self.sockets.post(socket, frame)
        except (NotThere, RecipientGone):
            self.polling.remove(connection_id)
            raise RecipientGone(f"connection {connection_id} is closed") from None

    def _keep(self, connection_id: str, frame: str) -> str:
        """Add a frame for the client's next poll; return its WebSocket if it has one."""
        session = self.polling.find(connection_id)
        if session.socket:
            return session.socket
        if session.is_gone or session.is_closed:
            raise NotThere(connection_id)
        if not session.has_room(frame):
            raise RateLimited(f"connection {connection_id} must poll first")
        return self.polling.append(connection_id, frame)

    def close(self, connection_id: str) -> None:
        """Close the connection; closing it twice is harmless."""
        socket = self.polling.close(connection_id) if is_polling(connection_id) else connection_id
        if socket:
            self.sockets.close(socket)

    def move(self, connection_id: str, socket: str) -> None:
        """Send the waiting frames over a client's WebSocket, and all further ones, in order.

        A WebSocket that does not accept them is closed, so that its client connects again. Raises
        NotThere and SendError.
        """
        try:
            while True:
                for frame in self.polling.take(connection_id):
                    self.sockets.post(socket, frame)
                if self.polling.move(connection_id, socket):
                    return
        except SendError:
            self.sockets.close(socket)
            raise

    def lost(self, connection_id: str, socket: str) -> bool:
        """Return whether losing a WebSocket ends its client's connection."""
        return self.polling.remove(connection_id, socket)
