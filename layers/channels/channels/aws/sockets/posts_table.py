"""What was posted to a connection and what it has confirmed, in the connection's own item.

pk CONN#<connection>  sk META   posted: the highest number posted; claim: the id of the write that
                                set it; ping: the number that the current ping confirms; ping_at:
                                when it was sent

The numbers are those of the connection's current session, which it may leave at any moment.
"""

from __future__ import annotations

import os
import time

from channels.aws.sockets.connections_table import Elsewhere, NotThere, update_connection
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

#: A ping that is still unanswered after this time no longer holds up another one (seconds).
_PING_PATIENCE = 60.0

#: The condition of every write that concerns a session's number.
_IN_SESSION = "#session = :session"


class PostsTable:
    """The message numbers of a session at each of its connections.

    Every method may raise PlatformUnavailable.
    """

    def __init__(
        self,
        table: StateTable,
        now: Callable[[], float] = time.time,
        claim_id: Callable[[], str] = lambda: os.urandom(8).hex(),
    ) -> None:
        """Keep them in `table`; `now()`: seconds since 1970, `claim_id()`: a new id each time."""
        self._table = table
        self._now = now
        self._claim_id = claim_id

    def claim(
        self, connection_id: str, session: str, sequence: int, after: int
    ) -> tuple[bool, int]:
        """Record that a message is posted to a connection, if the last one posted was `after`.

        Returns whether it is recorded, and the number of the last message now. If that is a
        different one, somebody else posts to the connection, or the connection lags behind. Raises
        NotThere and Elsewhere.
        """
        claim = self._claim_id()
        values = {
            ":n": number(sequence),
            ":after": number(after),
            ":claim": text(claim),
            ":session": text(session),
        }
        condition = "posted = :after"
        if not after:
            condition = "(attribute_not_exists(posted) OR posted = :after)"
        condition = f"{_IN_SESSION} AND {condition}"
        try:
            update_connection(
                self._table, connection_id, "SET posted = :n, claim = :claim", values, condition
            )
        except ConditionFailed as error:
            if error.item is None:
                raise NotThere(connection_id) from None
            if text_of(error.item, "session") != session:
                raise Elsewhere(connection_id) from None
            # A write whose response was lost is repeated, and recognises itself by its claim.
            return text_of(error.item, "claim") == claim, number_of(error.item, "posted")
        return True, sequence

    def release(self, connection_id: str, session: str, sequence: int) -> None:
        """Undo a claim: neither the message nor any after it could be posted."""
        values = {
            ":before": number(sequence - 1),
            ":n": number(sequence),
            ":session": text(session),
        }
        expression, condition = "SET posted = :before", f"{_IN_SESSION} AND posted = :n"
        try:
            update_connection(self._table, connection_id, expression, values, condition)
        except ConditionFailed:
            return

    def claim_ping(self, connection_id: str, sequence: int = 0, session: str = "") -> bool:
        """Return whether to ping a connection; the answer confirms posts up to `sequence`.

        Returns False if another ping is unanswered, since the answers could not be told apart, or
        if the connection has left `session`, to which the number belongs. Without a session the
        answer confirms nothing.
        """
        now = self._now()
        values = {":n": number(sequence), ":now": number(now), ":old": number(now - _PING_PATIENCE)}
        condition = "(attribute_not_exists(ping) OR ping_at < :old)"
        if session:
            values[":session"] = text(session)
            condition = f"{_IN_SESSION} AND {condition}"
        expression = "SET ping = :n, ping_at = :now"
        try:
            update_connection(self._table, connection_id, expression, values, condition)
        except ConditionFailed:
            return False
        return True

    def answered_ping(self, connection_id: str) -> tuple[str, int, int]:
        """Record a ping's answer; return the session, the number confirmed, the highest posted."""
        try:
            old = update_connection(
                self._table,
                connection_id,
                "REMOVE ping, ping_at",
                {},
                "attribute_exists(ping)",
                returned="ALL_OLD",
            )
        except ConditionFailed:
            return "", 0, 0
        return text_of(old, "session"), number_of(old, "ping"), number_of(old, "posted")
