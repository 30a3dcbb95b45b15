"""Where a message is answered over sockets: a session with its connections, or one connection.

The code that they share to post messages and confirm receipt is in `registry`.
"""

from __future__ import annotations

from channels.aws.sockets.connections_table import NotThere
from channels.aws.sockets.rooms_table import CUT_OFF, FIRST, StoredMessage
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.aws.sockets.registry import SessionRegistry
    from channels.socketio.connection import Connection


class SessionRoom:
    """`channel.Room` of a session: every connection that has joined it, now or within a day."""

    def __init__(self, rooms: SessionRegistry, session: str) -> None:
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
        """Store a message and post it to the members; return its number in the session.

        `part` is the message's id: a retry is the same message, and no connection gets it twice.
        Connections in `shown` have already seen its text. Raises RateLimited or PlatformUnavailable
        if a member could not be reached for now.
        """
        sequence, attempt = self._rooms.messages.number_part(self._session, part)
        message = StoredMessage(sequence, event, payload, recipient_id)
        self._rooms.messages.keep(self._session, message)
        failures: list[SendError] = []
        for member in self._rooms.connections.members(self._session):
            try:
                posted = self._rooms.post_once(
                    member,
                    self._session,
                    message,
                    again=attempt == CUT_OFF,
                    shown=member.id in shown,
                )
            except SendError as error:
                failures.append(error)
                continue
            if posted or attempt != FIRST:
                self._posted[member.id] = (member, sequence)
        self._settle(failures)
        return str(sequence)

    def _settle(self, failures: list[SendError]) -> None:
        """Raise what failed at a member, once all members have had their turn.

        Temporary failures are raised in preference to a refusal for good.
        """
        passing = [each for each in failures if isinstance(each, RateLimited | PlatformUnavailable)]
        if passing:
            self._rooms.messages.release_part(self._session)
        for failure in passing or failures:
            raise failure

    def audience(self) -> list[Connection]:
        """Return the current connections."""
        return self._rooms.connections.members(self._session)

    def show(self, connection: Connection, frame: str) -> None:
        """Post a frame that need not be kept; raise SendError or a subclass."""
        self._rooms.posting.post(connection.id, frame)

    def receipts(self) -> None:
        """Ask each connection to confirm what `deliver` has posted to it."""
        for member, sequence in self._posted.values():
            self._rooms.ask_receipt(member, self._session, sequence)
        self._posted.clear()


class ConnectionRoom:
    """`channel.Room` of one connection without a session: a message it does not get is lost."""

    def __init__(self, rooms: SessionRegistry, connection_id: str) -> None:
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
        """Post a message; raise RecipientGone if the connection is closed."""
        if self._id not in shown:
            self._rooms.post(self._connection(), StoredMessage(0, event, payload, recipient_id))
        return self._id

    def audience(self) -> list[Connection]:
        """Return the connection, if it still exists."""
        try:
            return [self._connection()]
        except RecipientGone:
            return []

    def show(self, connection: Connection, frame: str) -> None:
        """Post a frame that need not be kept; raise SendError or a subclass."""
        self._rooms.posting.post(connection.id, frame)

    def receipts(self) -> None:
        """Do nothing: no message is kept that could be posted again."""

    def _connection(self) -> Connection:
        if self._found is None:
            try:
                self._found = self._rooms.connections.get(self._id)
            except NotThere:
                raise RecipientGone(f"connection {self._id} is closed") from None
        return self._found
