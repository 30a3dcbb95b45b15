"""The bot's messages to the connections of a session: kept, posted, and seen to arrive.

    number -> keep -> read the members -> post to each -> (end of the turn) ask for a receipt

API Gateway's 200 does not say that a client has a message: a transport that was lost silently takes
it and drops it. A Socket.IO 3 or 4 client answers the server's ping, and what it answers it has
received all before (a socket keeps order): that confirms the messages up to there. Other clients
cannot tell, so a 200 has to do. What is not confirmed is posted again to whoever joins the session.
"""

from __future__ import annotations

import logging

from channels.aws.connections_table import ConnectionsTable, NotThere
from channels.aws.rooms_table import CUT_OFF, FIRST, RoomsTable, StoredMessage
from channels.aws.state_table import StateTable
from channels.aws.transports import Transports
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone
from channels.socketio.connection import EIO4
from channels.socketio.frames import bot_message
from channels.socketio.packets import PING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.channel import Room
    from channels.settings import Settings
    from channels.socketio.connection import Connection

logger = logging.getLogger(__name__)


class Rooms:
    """`channel.Sockets`: the sessions and connections of the stack."""

    def __init__(
        self, connections: ConnectionsTable, messages: RoomsTable, posting: Transports
    ) -> None:
        """Work on the tables, and post through `posting`."""
        self.connections = connections
        self.messages = messages
        self.posting = posting

    @classmethod
    def from_settings(cls, settings: Settings) -> Rooms:
        """Those of a Lambda's settings."""
        table = StateTable.from_settings(settings)
        return cls(ConnectionsTable(table), RoomsTable(table), Transports.from_settings(settings))

    def room(self, reply_to: dict[str, Any] | None, recipient_id: str) -> Room:
        """Where a message is answered: a session, or a connection that has none.

        Without `reply_to` the recipient is the session.
        """
        address = reply_to or {"room": recipient_id}
        if "room" in address:
            return SessionRoom(self, address["room"])
        return ConnectionRoom(self, address["connection"])

    def post(self, connection: Connection, message: StoredMessage) -> None:
        """Post one of the bot's messages; raises SendError and its kinds."""
        frame = bot_message(
            connection, message.event, message.payload, message.sequence, message.recipient_id
        )
        self.posting.post(connection.id, frame)

    def forget(self, connection_id: str, session: str = "") -> None:
        """Clear up after a connection that is closed, and after the one it carried, if any."""
        carried = self.connections.leave(connection_id, closed=True)
        if session:
            self.connections.remove_member(session, connection_id)
        if carried and self.posting.lost(carried, connection_id):
            self.connections.leave(carried, closed=True)

    def post_once(
        self, connection: Connection, session: str, message: StoredMessage, *, again: bool = False
    ) -> bool:
        """Post a session's message to one of its connections unless that has it.

        Gives whether it was posted now. A connection that is gone is cleared up after.
        """
        try:
            if not self.connections.claim_post(connection.id, message.sequence, again=again):
                return False
            self.post(connection, message)
        except (NotThere, RecipientGone):
            self.forget(connection.id, session)
            return False
        except (RateLimited, PlatformUnavailable):
            self.connections.release_post(connection.id, message.sequence)
            raise
        return True

    def ask_receipt(self, connection: Connection, session: str, sequence: int) -> None:
        """See that what was posted up to `sequence` is confirmed."""
        if connection.dialect != EIO4:
            self.messages.confirm(session, sequence)
            return
        if not self.connections.claim_ping(connection.id, sequence):
            return
        try:
            self.posting.post(connection.id, PING)
        except RecipientGone:
            self.forget(connection.id, session)

    def replay(self, connection: Connection, after: int) -> None:
        """Post a session's messages with higher numbers to a connection that has just joined it."""
        session = connection.session
        last = 0
        for message in self.messages.after(session, after):
            if self.post_once(connection, session, message):
                last = message.sequence
        if last:
            logger.info("connection %s: replayed up to %d", connection.id, last)
            self.ask_receipt(connection, session, last)


class SessionRoom:
    """`channel.Room` of a session: every connection that has joined it, now or within a day."""

    def __init__(self, rooms: Rooms, session: str) -> None:
        """Nothing is read yet."""
        self._rooms = rooms
        self._session = session
        self._posted: dict[str, tuple[Connection, int]] = {}

    def deliver(
        self,
        part: str,
        event: str,
        payload: Any,
        recipient_id: str,
        shown: frozenset[str] = frozenset(),
    ) -> str:
        """Keep a message and post it to the members; gives its number in the session.

        `part` is its id: tried again, it is the same message, and no connection gets it twice.
        Connections in `shown` have seen its text already. Raises RateLimited or PlatformUnavailable
        when a member could not be reached for now.
        """
        sequence, attempt = self._rooms.messages.number_part(self._session, part)
        message = StoredMessage(sequence, event, payload, recipient_id)
        self._rooms.messages.keep(self._session, message)
        failure: RateLimited | PlatformUnavailable | None = None
        for member in self._rooms.connections.members(self._session):
            try:
                posted = self._post(member, message, attempt, shown)
            except (RateLimited, PlatformUnavailable) as error:
                failure = error
                continue
            if posted or attempt != FIRST:
                self._posted[member.id] = (member, sequence)
        if failure is not None:
            self._rooms.messages.release_part(self._session)
            raise failure
        return str(sequence)

    def _post(
        self, member: Connection, message: StoredMessage, attempt: str, shown: frozenset[str]
    ) -> bool:
        if member.id not in shown:
            again = attempt == CUT_OFF
            return self._rooms.post_once(member, self._session, message, again=again)
        try:
            return self._rooms.connections.claim_post(member.id, message.sequence)
        except NotThere:
            return False

    def audience(self) -> list[Connection]:
        """The connections that are there."""
        return self._rooms.connections.members(self._session)

    def show(self, connection: Connection, frame: str) -> None:
        """Post what need not be kept; raises SendError and its kinds."""
        self._rooms.posting.post(connection.id, frame)

    def receipts(self) -> None:
        """Ask each connection for a receipt of what `deliver` has posted to it."""
        for member, sequence in self._posted.values():
            self._rooms.ask_receipt(member, self._session, sequence)
        self._posted.clear()


class ConnectionRoom:
    """`channel.Room` of one connection without a session: what it does not get is lost."""

    def __init__(self, rooms: Rooms, connection_id: str) -> None:
        """Nothing is read yet."""
        self._rooms = rooms
        self._id = connection_id
        self._found: Connection | None = None

    def deliver(
        self,
        part: str,
        event: str,
        payload: Any,
        recipient_id: str,
        shown: frozenset[str] = frozenset(),
    ) -> str:
        """Post a message; raises RecipientGone when the connection is closed."""
        if self._id not in shown:
            self._rooms.post(self._connection(), StoredMessage(0, event, payload, recipient_id))
        return self._id

    def audience(self) -> list[Connection]:
        """The connection, if it is there."""
        try:
            return [self._connection()]
        except RecipientGone:
            return []

    def show(self, connection: Connection, frame: str) -> None:
        """Post what need not be kept; raises SendError and its kinds."""
        self._rooms.posting.post(connection.id, frame)

    def receipts(self) -> None:
        """None: nothing is kept that could be posted again."""

    def _connection(self) -> Connection:
        if self._found is None:
            try:
                self._found = self._rooms.connections.get(self._id)
            except NotThere:
                raise RecipientGone(f"connection {self._id} is closed") from None
        return self._found
