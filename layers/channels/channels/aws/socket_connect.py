"""`$connect`: who is let in to the sockets."""

from __future__ import annotations

import logging

from channels.aws.json_api import ServiceError
from channels.aws.rooms import Rooms
from channels.errors import ChannelError
from channels.socketio.connection import EIO3, EIO4, OPTIONS, PLAIN, Connection
from channels.socketio.settings import Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.socketio.input import SocketIOInput

logger = logging.getLogger(__name__)

OK = {"statusCode": 200}


class Refusal(Exception):
    """A connection that is not let in, with its HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class ConnectHandler:
    """`$connect`: lets a client in, and has OPEN sent when the connection stands.

    A Socket.IO client waits for it; it cannot be posted before this function has answered.
    """

    def __init__(
        self,
        channel: Callable[[], SocketIOInput],
        rooms: Rooms,
        opener: Callable[[dict[str, Any]], None],
    ) -> None:
        """`opener(event)` starts the function that sends OPEN, without waiting for it."""
        self._channel = channel
        self._rooms = rooms
        self._opener = opener

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer a $connect event: 200, or the status of a refusal."""
        about = event["requestContext"]
        if about.get("eventType") != "CONNECT":
            return OK  # a client's frame {"action":"$connect"}
        try:
            self._connect(about["connectionId"], event)
        except Refusal as refusal:
            logger.warning("connection %s: refused: %s", about["connectionId"], refusal)
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
        allowed = channel.allowed_origins
        if origin and allowed is not None and origin.rstrip("/").lower() not in allowed:
            raise Refusal(403, "its origin is not among allowed_origins")
        dialect = _dialect(query)
        identity = _identity(channel, dialect, query)
        needs_token = channel.protocol.claims is not None and not identity.authenticated
        is_connected = not needs_token and (
            dialect == PLAIN or (dialect == EIO3 and channel.protocol.namespace == "/")
        )
        connection = Connection(
            connection_id,
            dialect,
            namespace=channel.protocol.namespace if is_connected else "",
            authenticated=identity.authenticated,
            subject=identity.subject,
            options=frozenset(name for name in OPTIONS if query.get(name) == "1"),
        )
        self._rooms.connections.add(connection, origin)
        logger.info("connection %s: let in, protocol %s", connection_id, dialect)
        if dialect != PLAIN or not is_connected:
            self._opener({"connection": connection_id})


def _dialect(query: dict[str, str]) -> str:
    version = query.get("EIO")
    if version is None:
        return PLAIN
    if version not in (EIO3, EIO4):
        raise Refusal(400, "an Engine.IO version that is not supported")
    if query.get("transport", "websocket") != "websocket":
        raise Refusal(400, "a transport that is not websocket")
    return version


def _identity(channel: SocketIOInput, dialect: str, query: dict[str, str]) -> Identity:
    """Who comes with the address's token; a client without one may show it later, if it can."""
    if channel.protocol.claims is None:
        return Identity()
    token = query.get("token")
    if token is None:
        # Socket.IO 2 has no CONNECT of its own for "/" that could carry a token.
        if dialect == EIO3:
            raise Refusal(401, "Socket.IO 2 without a token in its address")
        return Identity()
    claims = channel.protocol.identified(token)
    if claims is None:
        raise Refusal(401, "the token in its address is not valid")
    return Identity.of(claims)
