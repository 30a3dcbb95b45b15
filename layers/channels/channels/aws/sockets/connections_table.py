"""WebSocket connections and the sessions they have joined, in the state table.

    pk CONN#<connection>  sk META               eio session sub auth nsp options opened posted
                                                ping ping_at junk pid sid carries connected_at
                                                ttl
    pk ROOM#<session>     sk CONN#<connection>  a member: eio nsp options ttl
    pk ROOM#<session>     sk SEQ                n part confirmed owner ttl           (rooms_table)
    pk PID#<pid>          sk META               sid session sub ttl             (recoveries_table)

`posted`, `ping` and `ping_at` belong to `posts_table`.

A member is written in the same transaction as the session of its connection, before the session's
messages are read: a message posted meanwhile either is read or finds the member.
"""

from __future__ import annotations

import time

from channels.aws.keys import key
from channels.aws.state.state_table import (
    ConditionFailed,
    StateTable,
    expressions,
    number,
    number_of,
    text,
    text_of,
)
from channels.socketio.connection import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.socketio.actions import Connected

META = "META"
SEQUENCE = "SEQ"

#: API Gateway closes a connection after two hours; its item lives slightly longer (seconds).
LIFETIME = 8_100.0

#: How long a session remembers its owner (seconds): a year without a connection.
_OWNED = 31_536_000.0


class NotThere(Exception):
    """The connection is closed or unknown."""


class Elsewhere(Exception):
    """The connection has left the session, for another session or for none."""


class SessionTaken(Exception):
    """The session belongs to the user of another token."""


class ConnectionsTable:
    """Records of connections; every method may raise PlatformUnavailable."""

    def __init__(self, table: StateTable, now: Callable[[], float] = time.time) -> None:
        """Keep them in `table`; `now()` is in seconds since 1970."""
        self._table = table
        self._now = now

    def add(self, connection: Connection, origin: str) -> None:
        """Record a new connection."""
        self._table.put(
            {
                "pk": text(connection_key(connection.id)),
                "sk": text(META),
                "eio": text(connection.dialect),
                "nsp": text(connection.namespace),
                "sub": text(connection.subject),
                "auth": {"BOOL": connection.authenticated},
                "options": text(" ".join(sorted(connection.options))),
                "origin": text(origin),
                "carries": text(connection.carries),
                "connected_at": number(self._now()),
                "ttl": self._ttl(),
            }
        )

    def get(self, connection_id: str) -> Connection:
        """Return a connection; raise NotThere if it does not exist."""
        item = self._table.get(connection_key(connection_id), META)
        if item is None or number_of(item, "ttl") <= self._now():
            raise NotThere(connection_id)
        return connection_of(connection_id, item)

    def claim_opening(self, connection_id: str) -> bool:
        """Return whether the caller must send OPEN: the first caller, if the connection exists."""
        try:
            update_connection(
                self._table,
                connection_id,
                "SET opened = :now",
                {":now": number(self._now())},
                "attribute_not_exists(opened)",
            )
        except ConditionFailed:
            return False
        return True

    def connected(self, connection_id: str, action: Connected) -> None:
        """Record that a client has connected its namespace; raise NotThere if it does not exist."""
        self._change(
            connection_id,
            "SET eio = :eio, nsp = :nsp, #sub = :sub, #auth = :auth, #options = :options",
            {
                ":eio": text(action.dialect),
                ":nsp": text(action.namespace),
                ":sub": text(action.subject),
                ":auth": {"BOOL": action.authenticated},
                ":options": text(" ".join(sorted(action.options))),
            },
        )

    def join(self, connection: Connection, session: str, posted: int) -> None:
        """Make a connection a member of one session only; `connection` is changed too.

        `posted` is the number of the last of the session's messages that need not be sent to it.
        With a token's subject, the session becomes that user's. Raises SessionTaken if it belongs
        to somebody else, NotThere if the connection does not exist.
        """
        member = {
            "pk": text(room_key(session)),
            "sk": text(connection_key(connection.id)),
            "eio": text(connection.dialect),
            "nsp": text(connection.namespace),
            "options": text(" ".join(sorted(connection.options))),
            "ttl": self._ttl(),
        }
        writes: list[dict[str, Any]] = [
            {
                "Update": {
                    "Key": {"pk": text(connection_key(connection.id)), "sk": text(META)},
                    **_of_transaction(
                        "SET #session = :session, posted = :posted REMOVE ping, ping_at",
                        "attribute_exists(pk)",
                        {":session": text(session), ":posted": number(posted)},
                    ),
                }
            },
            {"Put": {"Item": member}},
        ]
        if connection.authenticated:
            writes.append(self._owning(session, connection.subject))
        if connection.session and connection.session != session:
            old = {"pk": text(room_key(connection.session)), "sk": member["sk"]}
            writes.append({"Delete": {"Key": old}})
        try:
            self._table.transact(writes)
        except ConditionFailed as error:
            raise (NotThere if error.failed[0] else SessionTaken)(connection.id) from None
        connection.session = session
        connection.posted = posted

    def _owning(self, session: str, subject: str) -> dict[str, Any]:
        """Return the write that makes a session the user's, or fails if it is somebody else's."""
        return {
            "Update": {
                "Key": {"pk": text(room_key(session)), "sk": text(SEQUENCE)},
                **_of_transaction(
                    "SET #owner = :sub, #ttl = :ttl",
                    "attribute_not_exists(#owner) OR #owner = :sub",
                    {":sub": text(subject), ":ttl": number(self._now() + _OWNED)},
                ),
            }
        }

    def leave(self, connection_id: str, *, closed: bool) -> str:
        """Remove a connection from its session; `closed` deletes the connection as well.

        Returns the connection that it carried, "" if none.
        """
        if closed:
            old = self._table.delete(connection_key(connection_id), META, returned="ALL_OLD")
        else:
            try:
                old = update_connection(
                    self._table,
                    connection_id,
                    "SET nsp = :none REMOVE #session, posted, ping, ping_at",
                    {":none": text("")},
                    returned="ALL_OLD",
                )
            except ConditionFailed:
                return ""
        session = text_of(old, "session")
        if session:
            self.remove_member(session, connection_id)
        return text_of(old, "carries")

    def remove_member(self, session: str, connection_id: str) -> None:
        """Remove a connection from a session."""
        self._table.delete(room_key(session), connection_key(connection_id))

    def members(self, session: str) -> list[Connection]:
        """Return the connections of a session."""
        prefix = connection_key("")
        items = self._table.query(room_key(session), prefix, prefix + "\U0010ffff")
        now = self._now()
        return [
            connection_of(item["sk"]["S"].removeprefix(prefix), item)
            for item in items
            if number_of(item, "ttl") > now
        ]

    def count_junk(self, connection_id: str) -> int:
        """Count an unreadable frame; return how many there have been."""
        try:
            new = update_connection(
                self._table,
                connection_id,
                "ADD junk :one",
                {":one": number(1)},
                returned="UPDATED_NEW",
            )
        except ConditionFailed:
            raise NotThere(connection_id) from None
        return number_of(new, "junk")

    def _change(self, connection_id: str, expression: str, values: dict[str, Any]) -> None:
        try:
            update_connection(self._table, connection_id, expression, values)
        except ConditionFailed:
            raise NotThere(connection_id) from None

    def _ttl(self) -> dict[str, str]:
        return number(self._now() + LIFETIME)


def update_connection(
    table: StateTable,
    connection_id: str,
    expression: str,
    values: dict[str, Any],
    condition: str = "",
    returned: str = "NONE",
) -> dict[str, Any]:
    """Update an existing connection: a late write must not bring a closed one back.

    Raises ConditionFailed, without an item if the connection does not exist.
    """
    there = "attribute_exists(pk)" + (f" AND {condition}" if condition else "")
    return table.update(
        connection_key(connection_id), META, expression, values, there, returned=returned
    )


def connection_key(connection_id: str) -> str:
    """Return the key of a connection, which is also the key of a member."""
    return key("CONN", connection_id)


def room_key(session: str) -> str:
    """Return the key of a session."""
    return key("ROOM", session)


def connection_of(connection_id: str, item: dict[str, Any]) -> Connection:
    """Return the connection described by an item, its own or a member's."""
    return Connection(
        connection_id,
        text_of(item, "eio"),
        namespace=text_of(item, "nsp"),
        session=text_of(item, "session"),
        authenticated=bool(item.get("auth", {}).get("BOOL")),
        subject=text_of(item, "sub"),
        options=frozenset(text_of(item, "options").split()),
        posted=number_of(item, "posted"),
        sid=text_of(item, "sid"),
        pid=text_of(item, "pid"),
        carries=text_of(item, "carries"),
    )


def _of_transaction(expression: str, condition: str, values: dict[str, Any]) -> dict[str, Any]:
    parameters = expressions(expression, condition, values)
    parameters.pop("ReturnValuesOnConditionCheckFailure")
    return parameters
