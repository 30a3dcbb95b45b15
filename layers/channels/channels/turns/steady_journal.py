"""The journal as one worker process uses it: its errors are told from a message's own.

A process that lives knows what the table refused to record. Its next attempt records that first, so
that it neither asks the agent again nor sends a part again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from channels.turns.journal import DEAD, DONE, GONE, JournalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.turns.inbox_message import InboxMessage
    from channels.turns.journal import Journal, Turn

#: The number of turns whose refused records are kept; the oldest are dropped.
_KEPT = 100


class _Unwritten(NamedTuple):
    """What the journal refused: the replies (None if it has them), or the mark of a sent part."""

    replies: list[dict[str, Any]] | None = None
    parts: int = 0
    platform_id: str = ""


class SteadyJournal:
    """Wraps a journal and raises only JournalError; one instance serves all threads."""

    def __init__(self, journal: Journal) -> None:
        """Wrap `journal`."""
        self._journal = journal
        self._unwritten: dict[tuple[str, str, str], _Unwritten] = {}

    def claim(self, queued: InboxMessage, receive: int) -> Turn:
        """Record an attempt and return how far earlier attempts got."""
        return _guarded(self._journal.claim, queued, receive)

    def catch_up(self, queued: InboxMessage, turn: Turn) -> Turn:
        """Record what was refused before, and return the turn with it."""
        held = self._unwritten.pop(_identity(queued), None)
        if held is None or turn.status in (DONE, GONE, DEAD):
            return turn
        if held.replies is not None and turn.replies is None:
            self.answered(queued, held.replies)
            return turn._replace(replies=held.replies, parts_sent=0)
        if held.parts and held.parts == turn.parts_sent + 1:
            self.sent(queued, held.parts, held.platform_id)
            return turn._replace(parts_sent=held.parts)
        return turn  # another process came further

    def answered(self, queued: InboxMessage, replies: list[dict[str, Any]]) -> None:
        """Store the replies before the first one is sent."""
        self._record(queued, _Unwritten(replies), self._journal.answered, replies)

    def sent(self, queued: InboxMessage, parts: int, platform_id: str) -> None:
        """Mark the first `parts` parts as sent."""
        unwritten = _Unwritten(None, parts, platform_id)
        self._record(queued, unwritten, self._journal.sent, parts, platform_id)

    def paused(self, queued: InboxMessage, until: float) -> None:
        """Record that an attempt ended without an error."""
        _guarded(self._journal.paused, queued, until)

    def failed(
        self, queued: InboxMessage, error: str, until: float, outage_since: float | None
    ) -> None:
        """Record an attempt's error."""
        _guarded(self._journal.failed, queued, error, until, outage_since)

    def given_up(self, queued: InboxMessage, error: str, sqs_id: str) -> None:
        """Record that the message becomes a dead letter."""
        _guarded(self._journal.given_up, queued, error, sqs_id)

    def finished(self, queued: InboxMessage, status: str, error: str = "") -> None:
        """End the turn as done, gone or dead."""
        _guarded(self._journal.finished, queued, status, error)

    def _record(
        self,
        queued: InboxMessage,
        unwritten: _Unwritten,
        write: Callable[..., None],
        *arguments: Any,
    ) -> None:
        try:
            _guarded(write, queued, *arguments)
        except JournalError:
            self._unwritten[_identity(queued)] = unwritten
            for oldest in list(self._unwritten)[:-_KEPT]:
                self._unwritten.pop(oldest, None)
            raise


def _identity(queued: InboxMessage) -> tuple[str, str, str]:
    return queued.channel, queued.message.sender_id, queued.message.message_id


def _guarded[T](call: Callable[..., T], *arguments: Any) -> T:
    try:
        return call(*arguments)
    except Exception as error:
        raise JournalError(f"the state table: {type(error).__name__}") from error
