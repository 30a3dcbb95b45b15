"""The state of one connection between its frames."""

from __future__ import annotations

#: A client's dialect: Engine.IO 3 or 4, plain JSON, plain JSON as in Rasa Pro's demo.
EIO3, EIO4, PLAIN, DEMO = "3", "4", "plain", "demo"

#: What a client may opt into, in its URL's query or in Socket.IO's `auth`.
OPTIONS = ("recovery", "stream", "typing")


class Connection:
    """A connection's state, stored by `aws.sockets.connections_table`; read-only to the protocol.

    `namespace` is the connected one, "" until then; `session` is the joined session, "" without
    one. `authenticated` means that a token was checked, `subject` is its `sub`. `options` is a
    subset of `OPTIONS`. `posted` is the highest sequence number posted to it. For a WebSocket that
    a long-polling client opened to upgrade to, `carries` is that client's connection, else "".
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
        """Take the state; `sid` is the connection's own id unless the client recovered another."""
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
