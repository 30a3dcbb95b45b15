"""What is known of one connection between its frames."""

from __future__ import annotations

#: How a client speaks: Engine.IO 3 and 4, plain JSON, plain JSON as in Rasa Pro's demo.
EIO3, EIO4, PLAIN, DEMO = "3", "4", "plain", "demo"

#: What a client may opt into, in the query of its address or in Socket.IO's `auth`.
OPTIONS = ("recovery", "stream", "typing")


class Connection:
    """A connection's state, kept by `aws.sockets.connections_table`; the protocol only reads it.

    `namespace` is the connected one, "" until then; `session` is the session it has joined, ""
    without one. `authenticated` says that a token was checked, `subject` is its `sub`.
    `options` is a set of `OPTIONS`. `posted` is the highest sequence number posted to it.
    `carries` is, of a WebSocket that a long-polling client has opened to move to, that client's
    connection; "" of all others.
    """

    __slots__ = (
        "authenticated",
        "carries",
        "dialect",
        "id",
        "namespace",
        "options",
        "pid",
        "posted",
        "session",
        "sid",
        "subject",
    )

    def __init__(  # noqa: PLR0913 - a record
        self,
        connection_id: str,
        dialect: str,
        *,
        namespace: str = "",
        session: str = "",
        authenticated: bool = False,
        subject: str = "",
        options: frozenset[str] = frozenset(),
        posted: int = 0,
        sid: str = "",
        pid: str = "",
        carries: str = "",
    ) -> None:
        """Take the state; `sid` is the connection's own id unless a client has recovered one."""
        self.id = connection_id
        self.dialect = dialect
        self.namespace = namespace
        self.session = session
        self.authenticated = authenticated
        self.subject = subject
        self.options = options
        self.posted = posted
        self.sid = sid or connection_id
        self.pid = pid
        self.carries = carries
