"""What was posted to a connection, and what it has confirmed, in the connection's own item.

pk CONN#<connection>  sk META   posted: the highest number posted; claim: whose it is; ping,
                                ping_at: the number that the ping on its way confirms, and since
                                when
"""

from __future__ import annotations

import os
import time

from channels.aws.sockets.connections_table import NotThere, update_connection
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

#: A ping that is not answered after this time is no reason to wait for it (seconds).
_PING_PATIENCE = 60.0


class PostsTable:
    """The numbers of a session's messages at each of its connections.

    Every method raises PlatformUnavailable.
    """

    def __init__(
        self,
        table: StateTable,
        now: Callable[[], float] = time.time,
        claim_id: Callable[[], str] = lambda: os.urandom(8).hex(),
    ) -> None:
        """Keep them in `table`; `now()`: seconds since 1970, `claim_id()`: another each time."""
        self._table = table
        self._now = now
        self._claim_id = claim_id

    def claim(self, connection_id: str, sequence: int, after: int) -> tuple[bool, int]:
        """Note that a message is posted to a connection, if the last one posted was `after`.

        Gives whether it is noted, and the number of the last one now: where it is another one,
        somebody else posts to the connection, or it lags behind. Raises NotThere.
        """
        claim = self._claim_id()
        values = {":n": number(sequence), ":after": number(after), ":claim": text(claim)}
        condition = "posted = :after"
        if not after:
            condition = "(attribute_not_exists(posted) OR posted = :after)"
        try:
            update_connection(
                self._table, connection_id, "SET posted = :n, claim = :claim", values, condition
            )
        except ConditionFailed as error:
            if error.item is None:
                raise NotThere(connection_id) from None
            # A write whose answer was lost is made again, and meets itself.
            return text_of(error.item, "claim") == claim, number_of(error.item, "posted")
        return True, sequence

    def release(self, connection_id: str, sequence: int) -> None:
        """Take a claim back: the message could not be posted, and nothing after it was."""
        values = {":before": number(sequence - 1), ":n": number(sequence)}
        expression = "SET posted = :before"
        try:
            update_connection(self._table, connection_id, expression, values, "posted = :n")
        except ConditionFailed:
            return

    def claim_ping(self, connection_id: str, sequence: int) -> bool:
        """Whether to ping a connection; its answer will confirm what was posted up to `sequence`.

        No: another ping waits for its answer, which must not be taken for this one's.
        """
        now = self._now()
        try:
            update_connection(
                self._table,
                connection_id,
                "SET ping = :n, ping_at = :now",
                {":n": number(sequence), ":now": number(now), ":old": number(now - _PING_PATIENCE)},
                "(attribute_not_exists(ping) OR ping_at < :old)",
            )
        except ConditionFailed:
            return False
        return True

    def answered_ping(self, connection_id: str) -> tuple[str, int, int]:
        """Note a ping's answer: session, sequence it confirms, highest sequence posted by now."""
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
