"""`$connect`: which clients may open a socket."""

from __future__ import annotations

import logging

from channels.aws.client.json_api import ServiceError
from channels.aws.sockets.connections_table import NotThere
from channels.aws.sockets.polling_table import Upgraded, split_sid
from channels.aws.sockets.registry import CHANNEL, SessionRegistry
from channels.errors import ChannelError
from channels.socketio.admission import Refusal, admit, check_origin, dialect_of
from channels.socketio.connection import PLAIN, Connection
from channels.telemetry.metrics import REFUSED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.socketio.input import SocketIOInput

logger = logging.getLogger(__name__)

OK = {"statusCode": 200}


class ConnectHandler:
    """`$connect`: accepts a client and has OPEN sent once the connection is established.

    A Socket.IO client waits for OPEN, which cannot be posted before this function has returned.
    """

    def __init__(
        self,
        channel: Callable[[], SocketIOInput],
        rooms: SessionRegistry,
        opener: Callable[[dict[str, Any]], None],
    ) -> None:
        """Take the dependencies.

        `opener(event)` starts the function that sends OPEN without waiting.
        """
        self._channel = channel
        self._rooms = rooms
        self._opener = opener

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Respond to a $connect event with 200, or with the status of a refusal."""
        about = event["requestContext"]
        if about.get("eventType") != "CONNECT":
            return OK  # a client's frame {"action":"$connect"}
        try:
            self._connect(about["connectionId"], event)
        except Refusal as refusal:
            logger.warning("connection %s: refused: %s", about["connectionId"], refusal)
            if refusal.status in REFUSED:
                self._rooms.metrics.write(CHANNEL, Refused=1)
            return {"statusCode": refusal.status}
        except (ChannelError, ServiceError) as error:
            logger.error(
                "connection %s: %s: %s", about["connectionId"], type(error).__name__, error
            )
            return {"statusCode": 500}
        except Exception:
            logger.exception("connection %s: $connect failed", about["connectionId"])
            return {"statusCode": 500}
        return OK

    def _connect(self, connection_id: str, event: dict[str, Any]) -> None:
        channel = self._channel()
        query = event.get("queryStringParameters") or {}
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        origin = headers.get("origin", "")
        check_origin(channel, origin)
        dialect = dialect_of(query.get("EIO"))
        if dialect != PLAIN and query.get("transport", "websocket") != "websocket":
            raise Refusal(400, "the transport is not websocket")
        if dialect != PLAIN and "sid" in query:
            self._upgrade(connection_id, dialect, query["sid"], origin)
            return
        connection = admit(channel, connection_id, dialect, query)
        self._rooms.connections.add(connection, origin)
        self._rooms.metrics.write(CHANNEL, Opened=1)
        logger.info("connection %s: accepted, protocol %s", connection_id, dialect)
        if dialect != PLAIN or not connection.namespace:
            self._opener({"connection": connection_id})

    def _upgrade(self, connection_id: str, dialect: str, sid: str, origin: str) -> None:
        """Accept the WebSocket that a long-polling client upgrades to.

        The client already has OPEN.
        """
        carried, secret = split_sid(sid)
        try:
            self._rooms.posting.polling.find_open(carried, secret)
        except (NotThere, Upgraded):
            raise Refusal(400, "no session has its sid") from None
        socket = Connection(connection_id, dialect, carries=carried)
        self._rooms.connections.add(socket, origin)
