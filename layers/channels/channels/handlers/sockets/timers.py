"""What happens to a connection without a frame from its client: OPEN, and the later checks."""

from __future__ import annotations

import logging
import time

from channels.aws.queues.delayed_checks import CONNECTED, KEEP, DelayedChecks, read_check
from channels.aws.sockets.connections_table import NotThere
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone
from channels.socketio.connection import EIO3, EIO4, Connection
from channels.socketio.packets import PING, connect_frame, open_frame
from channels.socketio.settings import MAX_FRAME
from channels.telemetry.logs import add_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.aws.sockets.registry import SessionRegistry
    from channels.socketio.input import SocketIOInput

logger = logging.getLogger(__name__)

#: How long a connection may take to be established after $connect, and the pauses between attempts
#: (seconds).
_PATIENCE = 10.0
_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 0.01, 1.6, 0.25

#: Ping interval and timeout in milliseconds. Socket.IO 2 clients send pings. We ping the others
#: every 8 minutes or never; in the latter case they must not expect a ping before API Gateway ends
#: the connection.
_PINGED_BY_CLIENT = (300_000, 60_000)
_PINGED_BY_US = (540_000, 120_000)
_NOT_PINGED = (7_200_000, 60_000)


def handshake(
    connection: Connection, *, keepalive: bool, sid: str = "", upgrades: tuple[str, ...] = ()
) -> str:
    """Return the OPEN frame of a connection; `sid` is by default the connection's id."""
    pinged = _PINGED_BY_US if keepalive else _NOT_PINGED
    interval, timeout = _PINGED_BY_CLIENT if connection.dialect == EIO3 else pinged
    return open_frame(sid or connection.id, interval, timeout, MAX_FRAME, upgrades)


class Opener:
    """Sends OPEN to a new connection; started by $connect without waiting.

    OPEN may be posted before API Gateway has the connection, so a 410 is retried for ten seconds.
    So is a temporary refusal, since nobody else will send OPEN.
    """

    def __init__(
        self,
        channel: Callable[[], SocketIOInput],
        rooms: SessionRegistry,
        checks: DelayedChecks,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the dependencies; `sleep(seconds)` waits between attempts."""
        self._channel = channel
        self._rooms = rooms
        self._checks = checks
        self._sleep = sleep

    def __call__(self, event: dict[str, Any], context: Any) -> None:
        """Open the connection `{"connection": id}` once: a second OPEN would reset clients."""
        connection_id = event["connection"]
        if not self._rooms.connections.claim_opening(connection_id):
            return
        try:
            connection = self._rooms.connections.get(connection_id)
        except NotThere:
            return
        channel = self._channel()
        is_engine = connection.dialect in (EIO3, EIO4)
        if is_engine and not self._post(
            connection, handshake(connection, keepalive=channel.keepalive)
        ):
            logger.warning("connection %s: was never established", connection_id)
            self._rooms.forget(connection_id)
            return
        if connection.dialect == EIO3:
            self._post(connection, connect_frame("/"))
        if not connection.namespace:
            self._checks.later(connection_id, CONNECTED)

    def _post(self, connection: Connection, frame: str) -> bool:
        """Post a frame; return False if the connection is not established in time."""
        pause, waited = _FIRST_PAUSE, 0.0
        while True:
            try:
                self._rooms.posting.post(connection.id, frame)
            except (RecipientGone, RateLimited, PlatformUnavailable):
                if waited >= _PATIENCE:
                    return False
                self._sleep(pause)
                waited += pause
                pause = min(pause * _GROWTH, _LONGEST_PAUSE)
            else:
                return True


class Keepalive:
    """The Lambda handler of delayed checks: closes unconnected clients, pings connected ones."""

    def __init__(
        self, channel: Callable[[], SocketIOInput], rooms: SessionRegistry, checks: DelayedChecks
    ) -> None:
        self._channel = channel
        self._rooms = rooms
        self._checks = checks

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Handle a batch; the return value names the messages that stay in the queue."""
        failed = []
        for record in event["Records"]:
            try:
                self._look(*read_check(record["body"]))
            except Exception:
                logger.exception(
                    "SQS message %s: the check failed and will be retried", record["messageId"]
                )
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    def _look(self, connection_id: str, check: str) -> None:
        add_fields(connection_id=connection_id)
        try:
            connection = self._rooms.connections.get(connection_id)
            if check == CONNECTED and not connection.namespace:
                logger.info(
                    "connection %s: closed, because it did not connect to a namespace",
                    connection_id,
                )
                self._rooms.posting.close(connection_id)
                self._rooms.forget(connection_id)
                return
            if connection.dialect != EIO4 or not self._channel().keepalive:
                return
            if check == KEEP:
                self._ping(connection)
        except (NotThere, RecipientGone):
            self._rooms.forget(connection_id)
            return
        self._checks.later(connection_id, KEEP)

    def _ping(self, connection: Connection) -> None:
        """Ping, unless a receipt is awaited: its request was a ping.

        The answer confirms nothing.
        """
        if self._rooms.posts.claim_ping(connection.id):
            self._rooms.posting.post(connection.id, PING)
