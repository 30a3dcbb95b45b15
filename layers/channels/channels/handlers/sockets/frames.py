"""The Lambdas of a WebSocket API's routes: check, write state, queue, and respond with 200.

`socketio.protocol` decides what a frame asks for; these handlers carry it out. Nothing is ever sent
in the response: API Gateway would drop it, and a client would take an error's text for a frame.
Therefore no exception leaves a handler.
"""

from __future__ import annotations

import logging
import os

from channels.aws.client.json_api import ServiceError
from channels.aws.sockets.connections_table import NotThere, SessionTaken
from channels.aws.sockets.registry import CHANNEL, SessionRegistry
from channels.errors import (
    ChannelError,
    InboxUnavailable,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.socketio import actions as todo
from channels.socketio.frames import sequence_of, session_confirm
from channels.socketio.packets import PING, PONG, UPGRADE, connect_frame
from channels.socketio.protocol import error_event, receive
from channels.telemetry.logs import add_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.socketio.actions import Action
    from channels.socketio.connection import Connection
    from channels.socketio.input import SocketIOInput
    from channels.wiring.services import Inbox

logger = logging.getLogger(__name__)

OK = {"statusCode": 200}

#: The number of unreadable frames after which a connection is closed.
_MAX_JUNK = 20

#: A long-polling client probes its WebSocket with the first frame and receives the second.
PROBE, PROBED = PING + "probe", PONG + "probe"

TRY_AGAIN = "the message could not be taken: send it again"
NOT_YOURS = "this session belongs to somebody else"


class DisconnectHandler:
    """`$disconnect`: cleans up. AWS sends the event on a best-effort basis; a 410 does the same."""

    def __init__(self, rooms: SessionRegistry) -> None:
        self._rooms = rooms

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Remove the connection from its session and forget it."""
        about = event["requestContext"]
        if about.get("eventType") != "DISCONNECT":
            return OK
        self._rooms.metrics.write(CHANNEL, Closed=1)
        try:
            self._rooms.forget(about["connectionId"])
        except Exception:
            logger.exception("connection %s: could not be cleaned up", about["connectionId"])
        return OK


class MessageHandler:
    """`$default`: handles one frame of a client."""

    def __init__(
        self, channel: Callable[[], SocketIOInput], rooms: SessionRegistry, inbox: Inbox
    ) -> None:
        """Take the dependencies; messages are queued in `inbox`."""
        self._channel = channel
        self._rooms = rooms
        self._inbox = inbox

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Do what a frame asks for; return 200 whatever happens."""
        about = event["requestContext"]
        if about.get("eventType") != "MESSAGE":
            return OK
        connection_id = about["connectionId"]
        try:
            self._take(connection_id, event.get("body") or "", about.get("requestId") or "")
        except (NotThere, RecipientGone):
            self._drop(connection_id)
        except (ChannelError, ServiceError) as error:
            logger.error("connection %s: %s: %s", connection_id, type(error).__name__, error)
        except Exception:
            logger.exception("connection %s: a frame could not be handled", connection_id)
        return OK

    def _take(self, socket_id: str, frame: str, request_id: str) -> None:
        """Handle a WebSocket's frame, possibly of a long-polling client that is upgrading."""
        connection = self._rooms.connections.get(socket_id)
        carried = connection.carries
        if not carried:
            self._do(connection, frame, request_id)
        elif frame == PROBE:
            self._rooms.posting.polling.probe(carried)
            self._rooms.posting.sockets.post(socket_id, PROBED)
        elif frame == UPGRADE:
            self._rooms.posting.move(carried, socket_id)
            logger.info("connection %s: upgraded to its WebSocket", carried)
        else:
            self.handle(carried, frame, request_id)

    def handle(self, connection_id: str, frame: str, request_id: str) -> None:
        """Do what a connection's frame asks for.

        `request_id` becomes the message's id if it has none. Raises NotThere, ChannelError and
        ServiceError.
        """
        self._do(self._rooms.connections.get(connection_id), frame, request_id)

    def _do(self, connection: Connection, frame: str, request_id: str) -> None:
        channel = self._channel()
        steps = receive(connection, frame, channel.protocol, request_id)
        done = _Steps(self._rooms, self._inbox, channel, connection)
        try:
            for step in steps:
                if not done.take(step):
                    return
        except (PlatformUnavailable, RateLimited):
            # the session could not be joined, so the message was not queued
            if any(isinstance(step, todo.Enqueue) for step in steps) and not done.has_queued:
                self._rooms.posting.post(connection.id, error_event(connection, TRY_AGAIN))
            raise

    def _drop(self, connection_id: str) -> None:
        """Close an unknown connection, so that its client connects again."""
        try:
            self._rooms.forget(connection_id)
            self._rooms.posting.close(connection_id)
        except Exception:
            logger.exception("connection %s: could not be closed", connection_id)


class _Steps:
    """Carries out the actions of one frame."""

    def __init__(
        self, rooms: SessionRegistry, inbox: Inbox, channel: SocketIOInput, connection: Connection
    ) -> None:
        self._rooms = rooms
        self._inbox = inbox
        self._channel = channel
        self._connection = connection
        self.has_queued = False
        self._by_kind: dict[type[Action], Callable[[Any], bool | None]] = {
            todo.Post: self._post,
            todo.Connected: self._connected,
            todo.Recover: self._recover,
            todo.Left: self._left,
            todo.Join: self._join,
            todo.Confirm: self._confirm,
            todo.Enqueue: self._enqueue,
            todo.Received: self._received,
            todo.Junk: self._junk,
            todo.Close: self._close,
        }

    def take(self, action: Action) -> bool:
        """Carry out one action; return False if the following ones must be skipped."""
        return self._by_kind[type(action)](action) is not False

    def _send(self, frame: str) -> None:
        self._rooms.posting.post(self._connection.id, frame)

    def _post(self, action: todo.Post) -> None:
        self._send(action.frame)

    def _connected(self, action: todo.Connected) -> None:
        self._rooms.connections.connected(self._connection.id, action)
        for name in ("namespace", "dialect", "authenticated", "subject", "options"):
            setattr(self._connection, name, getattr(action, name))

    def _recover(self, action: todo.Recover) -> None:
        """Answer a CONNECT with the client's former session, if any, and what it has missed."""
        connection = self._connection
        known = self._rooms.recoveries.find(action.pid, connection.subject) if action.pid else None
        session = connection.sid if not self._channel.protocol.session_persistence else ""
        if known is not None:
            connection.sid, session = known[0], known[1] or session
        connection.pid = action.pid if known is not None else os.urandom(16).hex()
        if session:
            given, _ = self._rooms.messages.numbers(session)
            received = sequence_of(action.offset) if known is not None else given
            self._rooms.connections.join(connection, session, min(received, given))
        self._rooms.recoveries.remember(connection)
        answer = {"sid": connection.sid, "pid": connection.pid}
        self._send(connect_frame(connection.namespace, answer))
        if session:
            self._rooms.replay(connection)

    def _left(self, action: todo.Left) -> None:
        self._rooms.connections.leave(self._connection.id, closed=False)

    def _join(self, action: todo.Join) -> bool:
        connection = self._connection
        if action.session != connection.session and not self._enter(action):
            return False
        if action.confirm:
            self._send(session_confirm(connection, connection.session, connection.posted))
        self._rooms.replay(connection)
        return True

    def _enter(self, action: todo.Join) -> bool:
        """Join a session, or with `confirm` a new one if the session belongs to somebody else."""
        connection = self._connection
        join = self._rooms.connections.join
        given, confirmed = self._rooms.messages.numbers(action.session)
        received = max(confirmed, min(sequence_of(action.offset), given))
        try:
            join(connection, action.session, received)
        except SessionTaken:
            logger.warning("connection %s: %s", connection.id, NOT_YOURS)
            if not action.confirm:
                self._send(error_event(connection, NOT_YOURS))
                return False
            join(connection, self._channel.protocol.new_session_id(), 0)
        if connection.pid:
            self._rooms.recoveries.remember(connection)
        return True

    def _confirm(self, action: todo.Confirm) -> None:
        connection = self._connection
        self._send(session_confirm(connection, action.session, connection.posted))

    def _enqueue(self, action: todo.Enqueue) -> bool:
        add_fields(message_id=action.message.message_id, sender_id=action.message.sender_id)
        try:
            self._inbox.put(CHANNEL, [action.message])
        except InboxUnavailable as error:
            logger.error("%r: could not be queued: %s", action.message, error)
            self._send(error_event(self._connection, TRY_AGAIN))
            return False
        self.has_queued = True
        self._rooms.metrics.write(CHANNEL, Received=1)
        logger.info("%r: queued", action.message)
        return True

    def _received(self, action: todo.Received) -> None:
        session, confirmed, posted = self._rooms.posts.answered_ping(self._connection.id)
        if session and confirmed:
            self._rooms.messages.confirm(session, confirmed)
        if session and posted > confirmed:
            self._rooms.ask_receipt(self._connection, session, posted)

    def _junk(self, action: todo.Junk) -> None:
        count = self._rooms.connections.count_junk(self._connection.id)
        logger.info(
            "connection %s: frame %d ignored: %s", self._connection.id, count, action.reason
        )
        if count >= _MAX_JUNK:
            self._close(todo.Close())

    def _close(self, action: todo.Close) -> None:
        try:
            self._rooms.posting.close(self._connection.id)
        except SendError as error:
            logger.warning("connection %s: could not be closed: %s", self._connection.id, error)
