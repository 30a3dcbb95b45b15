"""Records of long-polling clients in addition to their connection, in the state table.

    pk EIO#<connection>  sk META   secret frames last taken taker awaited poll heard probed socket
                                   closed ttl

`frames` wait for the client. They are stored in the item itself, so that one write returns and
removes them, and one condition prevents adding a frame after the client has moved to its WebSocket
(`socket`): either way, each frame leaves once. `last` and `taker` are ids of such writes: a write
that is repeated because its response was lost recognises itself.
"""

from __future__ import annotations

import hmac
import os
import time

from channels.aws.keys import key
from channels.aws.sockets.connections_table import LIFETIME, META, NotThere
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
    from typing import Any

#: The longest that a poll is held (seconds): less than API Gateway's 30 and proxies' timeouts.
HOLD = 20.0

#: A client polls again at once; one that has not polled for this long is gone (seconds).
_GRACE = 30.0

#: A client that has asked to move to its WebSocket does so within this time or never (seconds).
_PROBING = 10.0

#: The most bytes that wait for a client: with those just taken, they fit DynamoDB's 400 KB.
MAX_WAITING = 190_000

#: API Gateway's connection ids contain no dot.
_PREFIX = "eio."


class Upgraded(Exception):
    """The client has moved to its WebSocket."""


class PollingSession:
    """A client's state: `frames` wait for it, `poll` is the id of its last poll.

    `socket` is the WebSocket it has moved to, "" before; `is_probing` means that it is about to
    move. `heard` is when it last sent something (seconds since 1970). `is_gone` means that it has
    stopped polling.
    """

    __slots__ = (
        "frames",
        "heard",
        "is_closed",
        "is_gone",
        "is_probing",
        "poll",
        "secret",
        "socket",
    )

    def __init__(self, item: dict[str, Any], now: float) -> None:
        self.frames = [each["S"] for each in item.get("frames", {}).get("L", [])]
        self.heard = number_of(item, "heard")
        self.is_closed = "closed" in item
        self.is_gone = number_of(item, "awaited") < now
        self.is_probing = number_of(item, "probed") + _PROBING > now
        self.poll = text_of(item, "poll")
        self.secret = text_of(item, "secret")
        self.socket = text_of(item, "socket")

    def has_room(self, frame: str) -> bool:
        """Return whether another frame may wait."""
        waiting = sum(len(each.encode("utf-8", "replace")) for each in self.frames)
        return waiting + len(frame.encode("utf-8", "replace")) <= MAX_WAITING


class PollingTable:
    """The long-polling clients; every method may raise PlatformUnavailable."""

    def __init__(
        self,
        table: StateTable,
        now: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: os.urandom(8).hex(),
    ) -> None:
        """Keep them in `table`; `now()` is in seconds since 1970, `new_id()` names writes."""
        self._table = table
        self._now = now
        self._new_id = new_id

    def open(self, connection_id: str, secret: str) -> None:
        """Record a new client."""
        now = self._now()
        self._table.put(
            {
                "pk": text(_key(connection_id)),
                "sk": text(META),
                "secret": text(secret),
                "awaited": number(now + _GRACE),
                "ttl": number(now + LIFETIME),
            }
        )

    def find(self, connection_id: str) -> PollingSession:
        """Return a client's state; raise NotThere if it does not exist."""
        item = self._table.get(_key(connection_id), META)
        if item is None or number_of(item, "ttl") <= self._now():
            raise NotThere(connection_id)
        return PollingSession(item, self._now())

    def find_open(self, connection_id: str, secret: str) -> PollingSession:
        """`find` for a client with this secret that has not moved; raises NotThere, Upgraded."""
        session = self.find(connection_id)
        if session.is_closed or not hmac.compare_digest(session.secret.encode(), secret.encode()):
            raise NotThere(connection_id)
        if session.socket:
            raise Upgraded(connection_id)
        return session

    def begin_poll(self, connection_id: str, secret: str, poll: str) -> PollingSession:
        """Record a poll and take the waiting frames, which are in the returned state.

        `poll` is a new id. Earlier polls get no frames from now on. Raises NotThere and Upgraded.
        """
        now = self._now()
        try:
            item = self._take(
                connection_id,
                poll,
                ", #poll = :taker, #awaited = :awaited",
                "#secret = :secret AND #ttl > :now AND attribute_not_exists(#socket)",
                {
                    ":awaited": number(now + HOLD + _GRACE),
                    ":secret": text(secret),
                    ":now": number(now),
                },
            )
        except ConditionFailed:
            self.find_open(connection_id, secret)
            raise NotThere(connection_id) from None
        return PollingSession(item | {"frames": item["taken"]}, now)

    def hear(self, connection_id: str, secret: str) -> None:
        """Record that the client has sent something; raise NotThere or Upgraded."""
        try:
            self._update(
                connection_id,
                "SET #heard = :now",
                {":now": number(self._now()), ":secret": text(secret)},
                "#secret = :secret AND #ttl > :now"
                " AND attribute_not_exists(#socket) AND attribute_not_exists(#closed)",
            )
        except ConditionFailed:
            self.find_open(connection_id, secret)
            raise NotThere(connection_id) from None

    def take(self, connection_id: str, poll: str = "") -> list[str]:
        """Take and return the waiting frames; none if `poll` is given and is not the last poll."""
        condition = "attribute_exists(#frames)" + (" AND #poll = :poll" if poll else "")
        values = {":poll": text(poll)} if poll else {}
        try:
            item = self._take(connection_id, self._new_id(), "", condition, values)
        except ConditionFailed:
            return []
        return [each["S"] for each in item["taken"]["L"]]

    def _take(
        self, connection_id: str, taker: str, more: str, condition: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the item after moving its frames to `taken`; raise ConditionFailed."""
        try:
            return self._update(
                connection_id,
                f"SET #taken = if_not_exists(#frames, :none), #taker = :taker{more} REMOVE #frames",
                {":none": {"L": []}, ":taker": text(taker), **values},
                f"{condition} AND (attribute_not_exists(#taker) OR #taker <> :taker)",
                returned="ALL_NEW",
            )
        except ConditionFailed as error:
            if error.item is None or text_of(error.item, "taker") != taker:
                raise
            return error.item

    def append(self, connection_id: str, frame: str) -> str:
        """Add a waiting frame; return "", or the client's new WebSocket. Raises NotThere."""
        last = self._new_id()
        try:
            self._update(
                connection_id,
                "SET #frames = list_append(if_not_exists(#frames, :none), :frame), #last = :last",
                {":none": {"L": []}, ":frame": {"L": [text(frame)]}, ":last": text(last)},
                "attribute_not_exists(#socket) AND attribute_not_exists(#closed)"
                " AND (attribute_not_exists(#last) OR #last <> :last)",
            )
        except ConditionFailed as error:
            if text_of(error.item, "last") == last:
                return ""
            socket = text_of(error.item, "socket")
            if not socket:
                raise NotThere(connection_id) from None
            return socket
        return ""

    def probe(self, connection_id: str) -> None:
        """Record that the client is about to move, so that its poll ends. Raises NotThere."""
        try:
            self._update(connection_id, "SET #probed = :now", {":now": number(self._now())})
        except ConditionFailed:
            raise NotThere(connection_id) from None

    def move(self, connection_id: str, socket: str) -> bool:
        """Move the client to a WebSocket; return False while frames wait. Raises NotThere."""
        try:
            self._update(
                connection_id,
                "SET #socket = :socket REMOVE #probed",
                {":socket": text(socket)},
                "attribute_not_exists(#frames) AND attribute_not_exists(#socket)"
                " AND attribute_not_exists(#closed)",
            )
        except ConditionFailed as error:
            item = error.item or {}
            if text_of(item, "socket") == socket:
                return True
            if "frames" not in item or "closed" in item:
                raise NotThere(connection_id) from None
            return False
        return True

    def close(self, connection_id: str) -> str:
        """End the client's poll with CLOSE; return the WebSocket it has moved to, if any."""
        try:
            closed = {":yes": {"BOOL": True}}
            old = self._update(connection_id, "SET #closed = :yes", closed, returned="ALL_OLD")
        except ConditionFailed:
            return ""
        return text_of(old, "socket")

    def remove(self, connection_id: str, socket: str = "") -> bool:
        """Delete a client, with `socket` only if it moved there; return whether it was."""
        condition = "#socket = :socket" if socket else ""
        values = {":socket": text(socket)} if socket else {}
        try:
            self._table.delete(_key(connection_id), META, condition, values)
        except ConditionFailed:
            return False
        return True

    def _update(
        self,
        connection_id: str,
        expression: str,
        values: dict[str, Any],
        condition: str = "",
        returned: str = "NONE",
    ) -> dict[str, Any]:
        """Update an existing client: a late write must not bring a closed one back."""
        there = "attribute_exists(pk)" + (f" AND {condition}" if condition else "")
        return self._table.update(
            _key(connection_id), META, expression, values, there, returned=returned
        )


def new_id(random: str) -> str:
    """Return the id of a new client's connection, which differs in form from a WebSocket's."""
    return _PREFIX + random


def sid_of(connection_id: str, secret: str) -> str:
    """Return the client's proof for its requests; the connection's id is in logs, so not secret."""
    return f"{connection_id}.{secret}"


def split_sid(sid: str) -> tuple[str, str]:
    """Split a sid into the connection's id and the secret."""
    connection_id, _, secret = sid.rpartition(".")
    return connection_id, secret


def is_polling(connection_id: str) -> bool:
    """Return whether a connection started with long polling."""
    return connection_id.startswith(_PREFIX)


def _key(connection_id: str) -> str:
    return key("EIO", connection_id)
