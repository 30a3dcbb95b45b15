"""A message's way through the stack, told from its record in the turn journal; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.turns.journal import DEAD, DONE, DYING, GONE
from ops.wording import clock, count, duration

if TYPE_CHECKING:
    from ops.stack.turns import TurnRecord

#: Where a message is that became a dead letter without a word in the journal.
MOVED = (
    "in the dead-letter queue, and the journal does not say why: SQS moved it after its last "
    "receive, or the state table was down; `python -m ops redrive` brings it back"
)
_NOWHERE = "in the inbox nor among the dead letters, as SQS counts: removed, or just taken"

#: Kinds of a bot message, by their keys.
_KINDS = ("text", "buttons", "quick_replies", "image", "attachment", "elements", "custom")


class Step(NamedTuple):
    """Something that happened to a message: when (seconds since 1970), what, and details of it."""

    at: float
    name: str
    detail: str = ""


class Letter(NamedTuple):
    """A message in the inbox's dead-letter queue; when it was received is in seconds since 1970."""

    channel: str
    sender_id: str
    message_id: str
    received_at: float | None = None


class Surroundings(NamedTuple):
    """What the queues say when a message is looked up: counts of messages, and seconds.

    A message whose worker was killed comes back `visibility_timeout` after it was taken. `letters`
    are the dead letters that were looked at, of the `dead_letters` that there are; `undelivered`
    are the delivery ids of those of the callback queue.
    """

    waiting: int
    dead_letters: int
    visibility_timeout: float
    letters: tuple[Letter, ...] = ()
    undelivered: frozenset[str] = frozenset()

    @property
    def unseen(self) -> int:
        """How many dead letters could not be looked at: at most ten of a conversation can."""
        return max(self.dead_letters - len(self.letters), 0)

    def is_dead_letter(self, turn: TurnRecord) -> bool:
        """Whether a turn's message was seen in the dead-letter queue."""
        return (turn.channel, turn.sender_id, turn.message_id) in {
            each[:3] for each in self.letters
        }


def steps(turn: TurnRecord) -> list[Step]:
    """What happened to a message, in the order of time.

    The journal keeps the first and the last attempt and the last error, not those between.
    """
    return sorted(_steps(turn), key=lambda step: step.at)


def whereabouts(turn: TurnRecord, around: Surroundings, now: float) -> str:
    """Where a message is at the time `now` (seconds since 1970), in a sentence."""
    if turn.status == DONE:
        return f"done{_delivery(turn, around)}"
    if turn.status == GONE:
        return f"dropped: the recipient cannot be reached any more ({turn.error})"
    if turn.status == DEAD and (turn.finished_at or 0) >= turn.claimed_at:
        return _given_up(turn, around)
    if turn.status == DYING and not around.is_dead_letter(turn):
        return _waits("given up on; the inbox keeps it until its dead letter is written", around)
    return MOVED if around.is_dead_letter(turn) else _on_its_way(turn, around, now)


def kinds(replies: list[dict[str, Any]]) -> str:
    """What replies consist of, without what they say: `2 messages: text, image`."""
    found = [kind for kind in _KINDS if any(reply.get(kind) for reply in replies)]
    number = count(len(replies), "message")
    return f"{number}: {', '.join(found)}" if found else number


def _delivery(turn: TurnRecord, around: Surroundings) -> str:
    """What became of a turn's parts in the callback queue, "" on other channels."""
    if turn.channel != "callback":
        return ""
    lost = sum(part.platform_id in around.undelivered for part in turn.parts)
    if not lost:
        return ": its parts went into the callback queue"
    verb = "is" if lost == 1 else "are"
    return (
        f": its parts went into the callback queue; {count(lost, 'part')} {verb} in its "
        "dead-letter queue: `python -m ops redrive --queue callback` brings back what is there"
    )


def _on_its_way(turn: TurnRecord, around: Surroundings, now: float) -> str:
    if not turn.attempts:
        return _waits(f"waits in the inbox to be tried again{_until(turn, now)}", around)
    if now - turn.claimed_at <= around.visibility_timeout:
        since = duration(max(now - turn.claimed_at, 0))
        return f"taken by a worker {since} ago, which has not reported an end"
    next_one = _waits("the inbox hands it to the next one", around)
    return f"its worker ended without a word; {next_one}"


def _until(turn: TurnRecord, now: float) -> str:
    """Until when the inbox hides a message."""
    if turn.hidden_until is None or turn.hidden_until <= now:
        return ""
    return f" at {clock(turn.hidden_until)} UTC, in {duration(turn.hidden_until - now)}"


def _waits(place: str, around: Surroundings) -> str:
    """Where a message is that comes again: in `place`, unless the queues say otherwise."""
    if not around.unseen:
        return place if around.waiting else f"neither {_NOWHERE}"
    unseen = f"among the {count(around.unseen, 'dead letter')} that cannot be looked at"
    return f"{place}, or is {unseen}" if around.waiting else f"{unseen}, or was removed"


def _given_up(turn: TurnRecord, around: Surroundings) -> str:
    if around.is_dead_letter(turn) or around.unseen:
        return "given up on, in the dead-letter queue: `python -m ops redrive` brings it back"
    return (
        "given up on; the dead-letter queue does not have it (any more), so it was brought back "
        "and waits in the inbox, or was removed"
    )


def _steps(turn: TurnRecord) -> Iterator[Step]:
    yield Step(turn.received_at, "received", "verified, put into the inbox")
    yield Step(
        turn.first_claimed_at, "claimed", "by a worker" + ", which asks the agent" * turn.asked
    )
    if turn.failed_at is not None:
        error = _error(turn, turn.failed_at)
        detail = f"{turn.failed_attempts} so far" + (f", this one: {error}" if error else "")
        yield Step(turn.failed_at, "attempt failed", detail)
    if turn.paused_at is not None:
        yield Step(turn.paused_at, "paused", "its time was over; it goes on with the next part")
    if turn.dead_at is not None:
        yield Step(turn.dead_at, "given up", _error(turn, turn.dead_at))
    if turn.claimed_at > turn.first_claimed_at:
        yield _last_claim(turn)
    if turn.answered_at is not None:
        name = "answered" if turn.asked else "unasked"
        yield Step(turn.answered_at, name, kinds(turn.replies or []))
    for number, part in enumerate(turn.parts, start=1):
        outcome = "refused" if part.refusal else "sent"
        yield Step(part.at, f"part {number} {outcome}", part.refusal or part.platform_id)
    if turn.finished_at is not None and turn.status in (DONE, GONE):
        yield Step(turn.finished_at, turn.status, _error(turn, turn.finished_at))


def _error(turn: TurnRecord, at: float) -> str:
    """The error that came at a time; of earlier ones only the number is known."""
    gone_at = turn.finished_at if turn.status == GONE else None
    times = [each for each in (turn.failed_at, turn.dead_at, gone_at) if each is not None]
    return turn.error if times and at == max(times) else ""


def _last_claim(turn: TurnRecord) -> Step:
    is_over = turn.status in (DONE, GONE) and turn.claimed_at > (turn.finished_at or 0)
    if is_over:
        return Step(turn.claimed_at, "came again", "dropped: it had been dealt with")
    return Step(turn.claimed_at, "claimed again", f"attempt {turn.claims}")
