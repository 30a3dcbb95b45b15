"""The messages of sessions, in the state table: numbered, kept until they were received.

    pk ROOM#<session>  sk SEQ          n: the last number given; part: what got it; confirmed: all
                                       up to here were received; released; owner; ttl
    pk ROOM#<session>  sk MSG#<20 digits>   event, data, recipient, ttl: a day

A message is written before its session's members are read (write-ahead): who joins meanwhile finds
it here, who had joined before is found there.
"""

from __future__ import annotations

import json
import time

from channels.aws.sockets.connections_table import SEQUENCE, room_key
from channels.aws.state.state_table import (
    ConditionFailed,
    StateTable,
    number,
    number_of,
    text,
    text_of,
)
from channels.socketio.frames import offset_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: How long a message waits for its session to come back (seconds).
KEPT = 86_400.0

#: How many messages a client that was away is sent, and no more than 1 MB of them.
MOST_REPLAYED = 100

#: How long a session is known after its last message (seconds): longer than any of its messages.
_SESSION_KEPT = 2_592_000.0


#: Attempts at a part: the first; one after another that ended in order; one after another that did
#: not: some connection's claim may stand without its post.
FIRST, AGAIN, CUT_OFF = "first", "again", "cut off"


class StoredMessage:
    """One of the bot's messages: its number, its event, its payload, its recipient."""

    __slots__ = ("event", "payload", "recipient_id", "sequence")

    def __init__(self, sequence: int, event: str, payload: Any, recipient_id: str) -> None:
        """Take the parts."""
        self.sequence = sequence
        self.event = event
        self.payload = payload
        self.recipient_id = recipient_id


class RoomsTable:
    """What is kept of sessions' messages; every method raises PlatformUnavailable."""

    def __init__(self, table: StateTable, now: Callable[[], float] = time.time) -> None:
        """Keep them in `table`; `now()` is in seconds since 1970."""
        self._table = table
        self._now = now

    def number_part(self, session: str, part: str) -> tuple[int, str]:
        """The number of a part of a turn, and which attempt at it this is: FIRST, AGAIN, CUT_OFF.

        The same part has the same number however often it is tried: one worker at a time answers a
        session, so that the last number given is the part's or it has none yet.
        """
        try:
            new = self._update(
                session,
                "SET part = :part, #ttl = if_not_exists(#ttl, :ttl) ADD n :one REMOVE released",
                {
                    ":part": text(part),
                    ":one": number(1),
                    ":ttl": number(self._now() + _SESSION_KEPT),
                },
                "attribute_not_exists(part) OR part <> :part",
                returned="ALL_NEW",
            )
        except ConditionFailed as error:
            ended = "released" in (error.item or {})
            return number_of(error.item, "n"), AGAIN if ended else CUT_OFF
        self._prolong(session, new)
        return number_of(new, "n"), FIRST

    def release_part(self, session: str) -> None:
        """Note that the last part's attempt ended in order: no claim of a post is left open."""
        self._update(session, "SET released = :yes", {":yes": {"BOOL": True}})

    def keep(self, session: str, message: StoredMessage) -> None:
        """Keep a message for those who are not there."""
        self._table.put(
            {
                "pk": text(room_key(session)),
                "sk": text(_message_key(message.sequence)),
                "event": text(message.event),
                "data": text(json.dumps(message.payload)),
                "recipient": text(message.recipient_id),
                "ttl": number(self._now() + KEPT),
            }
        )

    def confirm(self, session: str, sequence: int) -> None:
        """Note that somebody in the session has received everything up to `sequence`."""
        try:
            self._update(
                session,
                "SET confirmed = :n",
                {":n": number(sequence)},
                "attribute_exists(n) AND (attribute_not_exists(confirmed) OR confirmed < :n)",
            )
        except ConditionFailed:
            return  # a later one was confirmed already

    def numbers(self, session: str) -> tuple[int, int]:
        """The last number given in a session, and the one up to which all were received."""
        item = self._table.get(room_key(session), SEQUENCE)
        return number_of(item, "n"), number_of(item, "confirmed")

    def after(self, session: str, sequence: int) -> tuple[list[StoredMessage], bool]:
        """The messages with higher numbers, in order, and whether these are all.

        The newest ones, up to MOST_REPLAYED and 1 MB.
        """
        first, last = _message_key(sequence + 1), _message_key(10**20 - 1)
        items, are_all = self._table.newest(room_key(session), first, last, MOST_REPLAYED)
        now = self._now()
        messages = [
            StoredMessage(
                int(item["sk"]["S"].removeprefix("MSG#")),
                text_of(item, "event"),
                json.loads(text_of(item, "data")),
                text_of(item, "recipient"),
            )
            for item in items
            if number_of(item, "ttl") > now
        ]
        return messages, are_all

    def _prolong(self, session: str, item: dict[str, Any]) -> None:
        """Let the session live on, in a write that most messages do not need."""
        now = self._now()
        if number_of(item, "ttl") < now + _SESSION_KEPT / 2:
            self._update(session, "SET #ttl = :ttl", {":ttl": number(now + _SESSION_KEPT)})

    def _update(
        self,
        session: str,
        expression: str,
        values: dict[str, Any],
        condition: str = "",
        returned: str = "NONE",
    ) -> dict[str, Any]:
        return self._table.update(
            room_key(session), SEQUENCE, expression, values, condition, returned=returned
        )


def _message_key(sequence: int) -> str:
    return f"MSG#{offset_of(sequence)}"
