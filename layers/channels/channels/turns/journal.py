"""What is remembered of turns and of senders: the journal as the runner uses it.

`aws.state.journal` keeps it in the state table.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from channels.turns.inbox_message import InboxMessage

DONE = "done"
GONE = "gone"
#: Given up on: `DYING` until the dead letter is written, then `DEAD`.
DYING = "dying"
DEAD = "dead"

#: A message whose worker was killed is hidden for the queue's whole visibility timeout, counted
#: from its receive: a claim that follows after this share of it follows a kill. The rest is for the
#: start of a Lambda between receive and claim.
KILLED_AFTER = 0.75


class JournalError(Exception):
    """The journal cannot be read or written now; this says nothing about the message."""


class Claim(NamedTuple):
    """An attempt that has begun: when (seconds since 1970), at which receive from the queue."""

    at: float
    receive: int


class Turn(NamedTuple):
    """What the journal knows about a turn that was just claimed.

    `status` is `claimed`, `answered`, `done`, `gone`, `dying` or `dead`. `replies` is None until
    the agent has replied. `parts_sent` counts the parts marked as sent. `claims` are the earlier
    attempts since one last reported its end. `progressed_at` is when the replies or a part were
    last recorded (seconds since 1970, 0 if never). Counted since then: `failures` of the message,
    and `retries`, all attempts that ended with an error. `outage_since` is when the first of them
    ended that was not the message's fault. `given_up` is SQS's id of the message that was given up
    on, `error` the last error.
    """

    status: str
    replies: list[dict[str, Any]] | None = None
    parts_sent: int = 0
    claims: tuple[Claim, ...] = ()
    progressed_at: float = 0.0
    failures: int = 0
    retries: int = 0
    outage_since: float | None = None
    given_up: str | None = None
    error: str = ""

    @property
    def unreported(self) -> list[Claim]:
        """The attempts that neither reported an end nor recorded anything."""
        return [claim for claim in self.claims if claim.at > self.progressed_at]

    def deaths(self, now: Claim, visibility_timeout: float) -> int:
        """Return how many of the unreported attempts ended because the worker was killed.

        A worker that lives and cannot write hides its message for less than a killed one's stays
        hidden. Of attempts with a receive between them that was never recorded nothing is known.
        """
        return sum(
            later.receive == earlier.receive + 1
            and later.at - earlier.at >= KILLED_AFTER * visibility_timeout
            for earlier, later in pairwise([*self.unreported, now])
        )

    def failing_since(self, now: float) -> float:
        """Return since when something is down that the message needs (seconds since 1970).

        That is its own first attempt that ended so, or that recorded no end; else `now`. What an
        item written by an earlier version does not say counts from now.
        """
        if self.outage_since is not None:
            return self.outage_since
        return self.unreported[0].at if self.unreported else now


class ConversationRecord(NamedTuple):
    """Where a sender was seen: the channel, when (seconds since 1970), and how to reply there."""

    channel: str
    last_seen: float
    reply_to: dict[str, Any] | None


class Journal(Protocol):
    """Records of turns, by channel and message id; any error means that it cannot be used now."""

    def claim(self, queued: InboxMessage, receive: int) -> Turn:
        """Record an attempt and return how far earlier attempts got.

        `receive` counts the message's receives from the queue, from 1.
        """
        ...

    def answered(self, queued: InboxMessage, replies: list[dict[str, Any]]) -> None:
        """Store the replies before the first one is sent: progress."""
        ...

    def sent(self, queued: InboxMessage, parts: int, platform_id: str) -> None:
        """Mark the first `parts` parts as sent: progress."""
        ...

    def paused(self, queued: InboxMessage, until: float) -> None:
        """Record that an attempt ended without an error; the turn goes on at `until`."""
        ...

    def failed(
        self, queued: InboxMessage, error: str, until: float, outage_since: float | None
    ) -> None:
        """Record an attempt's error; the message is hidden until `until` (seconds since 1970).

        `outage_since` is None if the error counts against the message.
        """
        ...

    def given_up(self, queued: InboxMessage, error: str, sqs_id: str) -> None:
        """Record that the message becomes a dead letter, before it is written: `dying`."""
        ...

    def finished(self, queued: InboxMessage, status: str, error: str = "") -> None:
        """End the turn as done, gone or dead."""
        ...
