"""A message's way through the stack, told from its record in the turn journal; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.conversation import DEAD, DONE, GONE
from ops.wording import count, duration

if TYPE_CHECKING:
    from ops.turns import TurnRecord

#: Kinds of a bot message, by their keys.
_KINDS = ("text", "buttons", "quick_replies", "image", "attachment", "elements", "custom")


class Step(NamedTuple):
    """Something that happened to a message: when (seconds since 1970), what, and details of it."""

    at: float
    name: str
    detail: str = ""


class Surroundings(NamedTuple):
    """What the queues say when a message is looked up: counts of messages, and seconds.

    A message whose worker was killed comes back `visibility_timeout` after it was taken.
    """

    waiting: int
    dead_letters: int
    visibility_timeout: float


def steps(turn: TurnRecord) -> list[Step]:
    """What happened to a message, in the order of time.

    The journal keeps the first and the last attempt and the last error, not those between.
    """
    return sorted(_steps(turn), key=lambda step: step.at)


def whereabouts(turn: TurnRecord, around: Surroundings, now: float) -> str:
    """Where a message is at the time `now` (seconds since 1970), in a sentence."""
    if turn.status == DONE:
        after = ": its parts went into the callback queue" if turn.channel == "callback" else ""
        return f"done{after}"
    if turn.status == GONE:
        return f"dropped: the recipient cannot be reached any more ({turn.error})"
    if turn.status == DEAD and (turn.finished_at or 0) >= turn.claimed_at:
        return _given_up(around)
    if not turn.attempts:
        return "waits in the inbox to be tried again"
    if now - turn.claimed_at <= around.visibility_timeout:
        return f"with a worker, for {duration(max(now - turn.claimed_at, 0))}"
    return "its worker ended without a word; the inbox hands it to the next one"


def kinds(replies: list[dict[str, Any]]) -> str:
    """What replies consist of, without what they say: `2 messages: text, image`."""
    found = [kind for kind in _KINDS if any(reply.get(kind) for reply in replies)]
    number = count(len(replies), "message")
    return f"{number}: {', '.join(found)}" if found else number


def _given_up(around: Surroundings) -> str:
    if around.dead_letters:
        return "given up on, in the dead-letter queue: `python -m ops redrive` brings it back"
    return (
        "given up on; the dead-letter queue is empty, so it was brought back and waits in the "
        "inbox, or was removed"
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
