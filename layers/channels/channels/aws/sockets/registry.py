"""Deliver the bot's messages to the connections of a session: store, post, and confirm receipt.

    number -> keep -> read the members -> post to each -> (end of the turn) ask for a receipt

API Gateway's 200 does not mean that a client has received a message: a transport that was lost
silently accepts it and drops it. A Socket.IO 3 or 4 client answers the server's ping, and since a
socket keeps order, the answer confirms all messages posted before the ping. Other clients cannot
confirm, so a 200 must suffice. Unconfirmed messages are posted again to whoever joins the session.
"""

from __future__ import annotations

import logging
import time

from channels.aws.sockets.connections_table import ConnectionsTable, Elsewhere, NotThere
from channels.aws.sockets.posts_table import PostsTable
from channels.aws.sockets.recoveries_table import RecoveriesTable
from channels.aws.sockets.rooms_table import RoomsTable
from channels.aws.sockets.session_room import ConnectionRoom, SessionRoom
from channels.aws.sockets.transports import ClientTransport
from channels.aws.state.state_table import StateTable
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError
from channels.socketio.connection import EIO4
from channels.socketio.frames import bot_message
from channels.socketio.packets import PING
from channels.telemetry.metrics import SILENT, Metrics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.aws.sockets.rooms_table import StoredMessage
    from channels.channel import Room
    from channels.socketio.connection import Connection
    from channels.wiring.settings import Settings

logger = logging.getLogger(__name__)

CHANNEL = "socketio"


class SessionRegistry:
    """`channel.Sockets`: the sessions and connections of the stack."""

    def __init__(
        self,
        table: StateTable,
        posting: ClientTransport,
        now: Callable[[], float] = time.time,
        metrics: Metrics = SILENT,
    ) -> None:
        """Use the state table, and post through `posting`; `now()` is in seconds since 1970."""
        self.metrics = metrics
        self.connections = ConnectionsTable(table, now)
        self.posts = PostsTable(table, now)
        self.recoveries = RecoveriesTable(table, now)
        self.messages = RoomsTable(table, now)
        self.posting = posting

    @classmethod
    def from_settings(cls, settings: Settings) -> SessionRegistry:
        """Make the registry that a Lambda's settings describe."""
        table, metrics = StateTable.from_settings(settings), Metrics(settings.stack_name)
        return cls(table, ClientTransport.from_settings(settings), metrics=metrics)

    def room(self, reply_to: dict[str, Any] | None, recipient_id: str) -> Room:
        """Return where a message is answered: a session, or a connection without one.

        Without `reply_to`, the recipient is the session.
        """
        address = reply_to or {"room": recipient_id}
        if "room" in address:
            return SessionRoom(self, address["room"])
        return ConnectionRoom(self, address["connection"])

    def post(self, connection: Connection, message: StoredMessage) -> None:
        """Post one of the bot's messages; raise SendError or a subclass."""
        frame = bot_message(
            connection, message.event, message.payload, message.sequence, message.recipient_id
        )
        self.posting.post(connection.id, frame)
        self.metrics.write(CHANNEL, Delivered=1)

    def forget(self, connection_id: str, session: str = "") -> None:
        """Clean up after a closed connection, and after the connection that it carried, if any."""
        carried = self.connections.leave(connection_id, closed=True)
        if session:
            self.connections.remove_member(session, connection_id)
        if carried and self.posting.lost(carried, connection_id):
            self.connections.leave(carried, closed=True)

    def post_once(
        self,
        connection: Connection,
        session: str,
        message: StoredMessage,
        *,
        again: bool = False,
        shown: bool = False,
    ) -> bool:
        """Post a session's message to one of its connections, unless the connection has it.

        Messages that the connection has missed are posted first: its client has just joined, or
        could not be reached. `again` posts the message even though an interrupted earlier attempt
        may have; `shown` counts it as posted. Returns whether it was posted now. A connection that
        is gone is cleaned up; one that has left the session is left alone. Raises SendError.
        """
        number = message.sequence
        try:
            posted, last = self._post_next(connection, session, message, number - 1, shown)
            if last < number:
                return self._catch_up(connection, session, last, number if shown else 0) > last
            if again and not posted and not shown and last == number:
                self._post_claimed(connection, session, message)
                return True
        except (NotThere, RecipientGone):
            self.forget(connection.id, session)
            return False
        except Elsewhere:
            return False
        return posted

    def _post_next(
        self, connection: Connection, session: str, message: StoredMessage, after: int, shown: bool
    ) -> tuple[bool, int]:
        """Post a message if the last one was `after`.

        Return whether it was posted, and the last number.
        """
        claimed, last = self.posts.claim(connection.id, session, message.sequence, after)
        if claimed and not shown:
            self._post_claimed(connection, session, message)
        return claimed, last

    def _post_claimed(self, connection: Connection, session: str, message: StoredMessage) -> None:
        try:
            self.post(connection, message)
        except (RateLimited, PlatformUnavailable):
            self.posts.release(connection.id, session, message.sequence)
            raise

    def _catch_up(self, connection: Connection, session: str, last: int, shown: int = 0) -> int:
        """Post what a connection has missed after message `last`; return the last one it has.

        A message that API Gateway refuses for good is skipped, and so are messages older than the
        newest ones of `messages.after`. Raises NotThere, Elsewhere, RecipientGone, RateLimited and
        PlatformUnavailable.
        """
        messages, are_all = self.messages.after(session, last)
        if messages and not are_all:
            first = messages[0].sequence
            logger.warning(
                "connection %s: messages %d to %d (%d) of its session are too many to send",
                *(connection.id, last + 1, first - 1, first - 1 - last),
            )
        for message in messages:
            is_shown = message.sequence == shown
            while last < message.sequence:
                try:
                    _, last = self._post_next(connection, session, message, last, is_shown)
                except (RecipientGone, RateLimited, PlatformUnavailable):
                    raise
                except SendError as error:
                    last = message.sequence
                    logger.error(
                        "connection %s: message %d could not be sent: %s",
                        connection.id,
                        last,
                        error,
                    )
        return last

    def ask_receipt(self, connection: Connection, session: str, sequence: int) -> None:
        """Have the messages posted up to `sequence` confirmed."""
        if connection.dialect != EIO4:
            self.messages.confirm(session, sequence)
            return
        if not self.posts.claim_ping(connection.id, sequence, session):
            return
        try:
            self.posting.post(connection.id, PING)
        except RecipientGone:
            self.forget(connection.id, session)

    def replay(self, connection: Connection) -> None:
        """Post to a connection what it has missed of the session that it has just joined.

        What cannot be posted now is posted before the session's next message.
        """
        try:
            last = self._catch_up(connection, connection.session, connection.posted)
        except (RateLimited, PlatformUnavailable) as error:
            logger.warning("connection %s: lags behind: %s", connection.id, error)
            return
        except Elsewhere:
            return
        if last > connection.posted:
            logger.info("connection %s: messages up to %d sent again", connection.id, last)
            self.ask_receipt(connection, connection.session, last)
