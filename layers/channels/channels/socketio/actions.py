"""What is to be done about a frame: the protocol decides, `handlers.sockets` does it, in order."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.channel import UserMessage
    from channels.socketio.settings import Identity


class Action:
    """Base of all actions: equal when kind and fields are, which tests need."""

    __slots__: tuple[str, ...] = ()

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        """Same kind and fields."""
        if not isinstance(other, Action) or type(self) is not type(other):
            return False
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        """Of kind and fields."""
        return hash((type(self), self._fields()))

    def __repr__(self) -> str:
        """Kind and fields."""
        return f"{type(self).__name__}{self._fields()!r}"


class Post(Action):
    """Send a frame to this connection."""

    __slots__ = ("frame",)

    def __init__(self, frame: str) -> None:
        self.frame = frame


class Connected(Action):
    """Note that the client may send events: who it is, how it speaks, what it opts into."""

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
    """Answer a CONNECT of a client that wants connection state recovery.

    `pid` and `offset` are those of the connection it had, "" at its first.
    """

    __slots__ = ("offset", "pid")

    def __init__(self, pid: str, offset: str) -> None:
        self.pid = pid
        self.offset = offset


class Left(Action):
    """Note that the client has left its namespace, and its session with it."""

    __slots__ = ()


class Join(Action):
    """Join a session, before anything that follows; `confirm` sends `session_confirm`.

    Afterwards come the session's messages that nobody has received yet, but for those up to
    `offset`, which the client has ("" where it does not say). A session that belongs to somebody
    else is not joined: with `confirm` the client gets another one, else an error.
    """

    __slots__ = ("confirm", "offset", "session")

    def __init__(self, session: str, *, confirm: bool, offset: str = "") -> None:
        self.session = session
        self.confirm = confirm
        self.offset = offset


class Confirm(Action):
    """Send `session_confirm` without joining: sessions are not kept (`session_persistence`)."""

    __slots__ = ("session",)

    def __init__(self, session: str) -> None:
        self.session = session


class Enqueue(Action):
    """Put a message into the inbox, and only then go on (acknowledge it)."""

    __slots__ = ("message",)

    def __init__(self, message: UserMessage) -> None:
        self.message = message


class Received(Action):
    """Note the answer to a ping: all that was posted before the ping has arrived."""

    __slots__ = ()


class Junk(Action):
    """Count a frame that cannot be read: a connection may send some, not many."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Close(Action):
    """Close the connection."""

    __slots__ = ()
