"""What a frame requires: the protocol decides, `handlers.sockets` carries it out, in order."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.channel import UserMessage
    from channels.socketio.settings import Identity


class Action:
    """Base of all actions; compares by type and fields, for tests."""

    __slots__: tuple[str, ...] = ()

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        """Compare type and fields."""
        if not isinstance(other, Action) or type(self) is not type(other):
            return False
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        """Hash type and fields."""
        return hash((type(self), self._fields()))

    def __repr__(self) -> str:
        """Show type and fields."""
        return f"{type(self).__name__}{self._fields()!r}"


class Post(Action):
    """Send a frame to the connection."""

    __slots__ = ("frame",)

    def __init__(self, frame: str) -> None:
        self.frame = frame


class Connected(Action):
    """Record that the client may send events: its identity, its dialect, its options."""

    __slots__ = ("authenticated", "dialect", "namespace", "options", "subject")

    def __init__(
        self, namespace: str, dialect: str, identity: Identity, options: frozenset[str]
    ) -> None:
        self.namespace = namespace
        self.dialect = dialect
        self.authenticated = identity.authenticated
        self.subject = identity.subject
        self.options = options


class Recover(Action):
    """Answer the CONNECT of a client that wants connection state recovery.

    `pid` and `offset` are those of the client's previous connection, "" on its first.
    """

    __slots__ = ("offset", "pid")

    def __init__(self, pid: str, offset: str) -> None:
        self.pid = pid
        self.offset = offset


class Left(Action):
    """Record that the client has left its namespace, and its session with it."""

    __slots__ = ()


class Join(Action):
    """Join a session before anything that follows; `confirm` sends `session_confirm`.

    The session's undelivered messages are sent afterwards, except those up to `offset`, which the
    client already has ("" if it does not say). A session that belongs to another user is not
    joined: with `confirm` the client gets a new session, otherwise an error.
    """

    __slots__ = ("confirm", "offset", "session")

    def __init__(self, session: str, *, confirm: bool, offset: str = "") -> None:
        self.session = session
        self.confirm = confirm
        self.offset = offset


class Confirm(Action):
    """Send `session_confirm` without joining, as sessions are not kept (`session_persistence`)."""

    __slots__ = ("session",)

    def __init__(self, session: str) -> None:
        self.session = session


class Enqueue(Action):
    """Put a message into the inbox before going on (to acknowledge it)."""

    __slots__ = ("message",)

    def __init__(self, message: UserMessage) -> None:
        self.message = message


class Received(Action):
    """Record a pong: everything posted before the ping has arrived."""

    __slots__ = ()


class Junk(Action):
    """Count an unreadable frame: a connection may send a few, but not many."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Close(Action):
    """Close the connection."""

    __slots__ = ()
