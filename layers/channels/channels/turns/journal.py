"""What is remembered of turns and of senders: the journal as the runner uses it.

`aws.state.journal` keeps it in the state table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from channels.turns.inbox_message import InboxMessage

DONE = "done"
GONE = "gone"
DEAD = "dead"


class Turn(NamedTuple):
    """What the journal knows about a turn that was just claimed.

    `status` is `claimed`, `answered`, `done`, `gone` or `dead`. `deaths` counts earlier attempts
    that never reported an end because the worker was killed. `replies` is None until the agent has
    replied. `parts_sent` counts the parts marked as sent. `failed` counts the attempts that ended
    with an error, including those before a redrive.
    """

    status: str
    deaths: int = 0
    replies: list[dict[str, Any]] | None = None
    parts_sent: int = 0
    failed: int = 0


class ConversationRecord(NamedTuple):
    """Where a sender was seen: the channel, when (seconds since 1970), and how to reply there."""

    channel: str
    last_seen: float
    reply_to: dict[str, Any] | None


class Journal(Protocol):
    """Records of turns, by channel and message id."""

    def claim(self, queued: InboxMessage) -> Turn:
        """Record an attempt and return how far earlier attempts got."""
        ...

    def answered(self, queued: InboxMessage, replies: list[dict[str, Any]]) -> None:
        """Store the replies before the first one is sent."""
        ...

    def sent(self, queued: InboxMessage, parts: int, platform_id: str) -> None:
        """Mark the first `parts` parts as sent."""
        ...

    def failed(self, queued: InboxMessage, error: str, *, counts: bool) -> int:
        """Record an attempt's error; return the number of failures that count."""
        ...

    def finished(self, queued: InboxMessage, status: str, error: str = "") -> None:
        """End the turn as done, gone or dead."""
        ...
