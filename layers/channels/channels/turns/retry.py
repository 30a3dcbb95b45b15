"""When a message is tried again, and for how long: one policy for every queue; pure.

    pause = max(what the platform asks for, 1, 2, 4, ... `longest` less up to a quarter, 1 second)

SQS counts each receive and moves a message away after the queue's `maxReceiveCount`, without a
word to user, metrics or journal. The pauses are never so short that it comes to that before the
patience is over: whatever a platform asks for, the worker gives up first.
"""

from __future__ import annotations

from typing import NamedTuple

from channels.turns.outcome import DeadLetter, RetryLater

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The shortest pause (seconds), whatever a platform says.
_FLOOR = 1.0

#: The part of a growing pause that chance may take away: what failed at the same moment need not
#: come back at the same moment.
_SPREAD = 0.25


class RetryPolicy(NamedTuple):
    """How one queue's messages are tried again.

    `patience` is how long something that is down is waited for, from when the message came into
    the queue; `longest` is where the pauses stop growing (both in seconds).
    """

    patience: float
    longest: float

    def delay(self, attempt: int, chance: float, asked: Any = 0.0) -> float:
        """The pause after the `attempt`-th attempt, counted from 1 (seconds).

        `chance` is a random number from 0 to 1. `asked` is what the platform asks for (seconds); it
        can only make the pause longer, up to the patience. What is no number says nothing.
        """
        growing = min(2.0 ** min(attempt - 1, 30), self.longest) * (1 - _SPREAD * chance)
        return max(_FLOOR, growing, min(_seconds(asked), self.patience))

    def is_over(self, waited: float) -> bool:
        """Whether a message that has been waiting for so long is given up on (seconds)."""
        return waited > self.patience

    def after(
        self, reason: str, attempt: int, waited: float, chance: float, asked: Any = 0.0
    ) -> RetryLater | DeadLetter:
        """What follows an attempt that failed for now; the arguments are those of `delay`."""
        if self.is_over(waited):
            return DeadLetter(reason)
        return RetryLater(self.delay(attempt, chance, asked), reason)

    @property
    def most_attempts(self) -> int:
        """How many attempts the patience has room for: each takes no time, each pause is short."""
        attempts, waited = 1, 0.0
        while not self.is_over(waited):
            waited += self.delay(attempts, chance=1.0)
            attempts += 1
        return attempts


#: Messages to the agent and from there to the platform.
INBOX = RetryPolicy(patience=3600.0, longest=60.0)

#: The callback channel's messages to a URL.
CALLBACK = RetryPolicy(patience=86_400.0, longest=300.0)


def _seconds(asked: Any) -> float:
    """A word of a connector's own, which may be anything."""
    try:
        seconds = float(asked)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return seconds if seconds > 0 else 0.0  # NaN is not
