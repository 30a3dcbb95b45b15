"""The messages of sessions, in the state table: numbered, and kept until they are received.

    pk ROOM#<session>  sk SEQ          n: the last number given; part: which part has it; confirmed:
                                       all up to this number were received; released; owner; ttl
    pk ROOM#<session>  sk MSG#<20 digits>   event, data, recipient, ttl: a day

A message is written before its session's members are read (write-ahead): a client that joins
meanwhile finds the message, and one that had joined before is among the members.
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

#: How long a message is kept for its session to come back (seconds).
KEPT = 86_400.0

#: The most messages that a returning client is sent, with at most 1 MB in total.
MOST_REPLAYED = 100

#: How long a session is kept after its last message (seconds): longer than any of its messages.
_SESSION_KEPT = 2_592_000.0


#: Attempts at a part: the first; one after an attempt that ended normally; one after an attempt
#: that did not, so that a connection may have a claim without a post.
FIRST, AGAIN, CUT_OFF = "first", "again", "cut off"


class StoredMessage:
    """One of the bot's messages: its number, event, payload and recipient."""

    __slots__ = ("event", "payload", "recipient_id", "sequence")

    def __init__(self, sequence: int, event: str, payload: Any, recipient_id: str) -> None:
        self.sequence = sequence
        self.event = event
        self.payload = payload
        self.recipient_id = recipient_id


class RoomsTable:
    """Records of sessions' messages; every method may raise PlatformUnavailable."""

    def __init__(self, table: StateTable, now: Callable[[], float] = time.time) -> None:
        """Keep them in `table`; `now()` is in seconds since 1970."""
        self._table = table
        self._now = now

    def number_part(self, session: str, part: str) -> tuple[int, str]:
        """Return the number of a part of a turn, and which attempt this is: FIRST, AGAIN, CUT_OFF.

        A part keeps its number however often it is tried: only one worker at a time answers a
        session, so either the last number given is the part's, or the part has none yet.
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
        """Record that the last part's attempt ended normally: no claim lacks its post."""
        self._update(session, "SET released = :yes", {":yes": {"BOOL": True}})

    def keep(self, session: str, message: StoredMessage) -> None:
        """Store a message for members who are not connected."""
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
        """Record that a member of the session has received everything up to `sequence`."""
        try:
            self._update(
                session,
                "SET confirmed = :n",
                {":n": number(sequence)},
                "attribute_exists(n) AND (attribute_not_exists(confirmed) OR confirmed < :n)",
            )
        except ConditionFailed:
            return  # a later number is already confirmed

    def numbers(self, session: str) -> tuple[int, int]:
        """Return a session's last number, and the number up to which all were received."""
        item = self._table.get(room_key(session), SEQUENCE)
        return number_of(item, "n"), number_of(item, "confirmed")

    def after(self, session: str, sequence: int) -> tuple[list[StoredMessage], bool]:
        """Return the messages with higher numbers, in order, and whether these are all.

        These are the newest ones, up to MOST_REPLAYED and 1 MB.
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
        """Extend the session's life, with a write that most messages do not need."""
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
