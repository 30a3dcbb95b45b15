"""The section `socketio` of credentials.yml, and the part of it that the protocol needs."""

from __future__ import annotations

import os

from channels.section import Section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.socketio.connection import Connection

SECTION = Section(
    "socketio",
    "docs/channels/socketio.md",
    keys=(
        "user_message_evt",
        "bot_message_evt",
        "namespace",
        "session_persistence",
        "metadata_key",
        "jwt_key",
        "jwt_method",
        "allowed_origins",
        "keepalive",
    ),
    without_effect={
        "socketio_path": "clients connect at the path of the API's stage",
    },
)

#: API Gateway: the largest frame a client can send, and the largest message to post (bytes).
MAX_FRAME = 32_768
MAX_POST = 131_072

#: Longest session id that is accepted from a client (characters).
_SESSION_LENGTH = 128


def new_session_id() -> str:
    """A random session id of 128 bits, in hexadecimal like Rasa's."""
    return os.urandom(16).hex()


class ProtocolSettings:
    """The channel's settings as the protocol uses them.

    `claims(token)` returns the claims of a valid token, None for any other; `claims` is None if no
    token is required. `new_session_id()` makes session ids.
    """

    def __init__(
        self,
        *,
        user_message_evt: str = "user_uttered",
        bot_message_evt: str = "bot_uttered",
        namespace: str = "/",
        session_persistence: bool = False,
        metadata_key: str = "metadata",
        claims: Callable[[str], dict[str, Any] | None] | None = None,
        new_session_id: Callable[[], str] = new_session_id,
    ) -> None:
        self.user_message_evt = user_message_evt
        self.bot_message_evt = bot_message_evt
        self.namespace = namespace
        self.session_persistence = session_persistence
        self.metadata_key = metadata_key
        self.claims = claims
        self.new_session_id = new_session_id

    def identified(self, token: object) -> dict[str, Any] | None:
        """The claims of a token, None if it is invalid; a leading `Bearer ` is accepted."""
        if self.claims is None or not isinstance(token, str):
            return None
        return self.claims(token.removeprefix("Bearer ").strip()) or None


class Identity:
    """Who a client is: whether a valid token confirmed it, and the token's `sub`, else ""."""

    __slots__ = ("authenticated", "subject")

    def __init__(self, authenticated: bool = False, subject: str = "") -> None:
        self.authenticated = authenticated
        self.subject = subject

    @classmethod
    def of(cls, claims: dict[str, Any]) -> Identity:
        """The identity in a token's claims."""
        subject = claims.get("sub")
        return cls(True, str(subject) if isinstance(subject, str | int) else "")


def authenticate(
    connection: Connection, settings: ProtocolSettings, token: object
) -> Identity | None:
    """Who sent a CONNECT with `token`; None if a token is required and none is valid.

    A token checked before (from the URL) suffices, but another, invalid one is refused.
    """
    known = Identity(connection.authenticated, connection.subject)
    if settings.claims is None or (token is None and connection.authenticated):
        return known
    claims = settings.identified(token)
    return Identity.of(claims) if claims else None


def session_id(value: object) -> str:
    """A client's session id; "" if it sent none that can be used."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    usable = 0 < len(text) <= _SESSION_LENGTH and text.isprintable()
    return text if usable else ""
