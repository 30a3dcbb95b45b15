"""Which session a client may recover: Socket.IO's connection state recovery, in the state table.

pk PID#<pid>  sk META   sid session sub ttl
"""

from __future__ import annotations

import time

from channels.aws.keys import key
from channels.aws.sockets.connections_table import LIFETIME, META, NotThere, update_connection
from channels.aws.state.state_table import (
    ConditionFailed,
    StateTable,
    number,
    number_of,
    text,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.socketio.connection import Connection


class RecoveriesTable:
    """What a client's `pid` stands for; every method may raise PlatformUnavailable."""

    def __init__(self, table: StateTable, now: Callable[[], float] = time.time) -> None:
        """Keep them in `table`; `now()` is in seconds since 1970."""
        self._table = table
        self._now = now

    def remember(self, connection: Connection) -> None:
        """Allow a later connection to recover this one's session by its `pid`; raise NotThere."""
        self._table.put(
            {
                "pk": text(key("PID", connection.pid)),
                "sk": text(META),
                "sid": text(connection.sid),
                "session": text(connection.session),
                "sub": text(connection.subject),
                "ttl": number(self._now() + LIFETIME),
            }
        )
        values = {":pid": text(connection.pid), ":sid": text(connection.sid)}
        try:
            update_connection(self._table, connection.id, "SET pid = :pid, sid = :sid", values)
        except ConditionFailed:
            raise NotThere(connection.id) from None

    def find(self, pid: str, subject: str) -> tuple[str, str] | None:
        """Return the `sid` and session of a `pid`; None if it is unknown or another user's."""
        item = self._table.get(key("PID", pid), META)
        if item is None or number_of(item, "ttl") <= self._now():
            return None
        if text_of(item, "sub") != subject:
            return None
        return text_of(item, "sid"), text_of(item, "session")
