"""Decide which connections to accept, over any transport. Pure."""

from __future__ import annotations

from channels.socketio.connection import EIO3, EIO4, OPTIONS, PLAIN, Connection
from channels.socketio.settings import Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.socketio.input import SocketIOInput


class Refusal(Exception):
    """A connection is refused, with this HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def check_origin(channel: SocketIOInput, origin: str) -> None:
    """Refuse web pages outside `allowed_origins`; other clients send no origin."""
    allowed = channel.allowed_origins
    if origin and allowed is not None and origin.rstrip("/").lower() not in allowed:
        raise Refusal(403, "its origin is not among allowed_origins")


def dialect_of(version: str | None) -> str:
    """The dialect of an Engine.IO version, plain JSON if there is none; raises Refusal."""
    if version is None:
        return PLAIN
    if version not in (EIO3, EIO4):
        raise Refusal(400, "an Engine.IO version that is not supported")
    return version


def admit(
    channel: SocketIOInput, connection_id: str, dialect: str, query: dict[str, str]
) -> Connection:
    """The new connection of a client with this query string; raises Refusal."""
    identity = _identity(channel, dialect, query.get("token"))
    needs_token = channel.protocol.claims is not None and not identity.authenticated
    is_connected = not needs_token and (
        dialect == PLAIN or (dialect == EIO3 and channel.protocol.namespace == "/")
    )
    return Connection(
        connection_id,
        dialect,
        namespace=channel.protocol.namespace if is_connected else "",
        authenticated=identity.authenticated,
        subject=identity.subject,
        options=frozenset(name for name in OPTIONS if query.get(name) == "1"),
    )


def _identity(channel: SocketIOInput, dialect: str, token: str | None) -> Identity:
    """The identity from the URL's token; a client without one may send it later, if it can."""
    if channel.protocol.claims is None:
        return Identity()
    if token is None:
        # Socket.IO 2 sends no CONNECT for "/" that could carry a token.
        if dialect == EIO3:
            raise Refusal(401, "a Socket.IO 2 client without a token in its address")
        return Identity()
    claims = channel.protocol.identified(token)
    if claims is None:
        raise Refusal(401, "the token in its address is not valid")
    return Identity.of(claims)
