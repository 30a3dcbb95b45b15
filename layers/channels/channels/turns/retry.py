"""When and for how long a message is retried: one policy for every queue; pure.

    pause = max(what the platform asks for, 1, 2, 4, ... `longest` less up to a quarter, 1 second)

The patience is counted from when a message first failed through no fault of its own, not from when
it entered the queue: it may have stood behind others there.

SQS counts each receive and moves a message away after the queue's `maxReceiveCount`, without
telling the user, the metrics or the journal. The pauses are long enough that the patience runs out
first, whatever a platform asks for; a message that gets on between its pauses starts them anew, and
is given up on at `receives`. So the worker always gives up before SQS does.
"""

from __future__ import annotations

from typing import NamedTuple

from channels.turns.outcome import DeadLetter, RetryLater

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The shortest pause (seconds), whatever a platform asks for.
_FLOOR = 1.0

#: The share of a growing pause that is taken off at random, so that messages that failed at the
#: same moment do not return at the same moment.
_SPREAD = 0.25


class RetryPolicy(NamedTuple):
    """How one queue's messages are retried.

    `patience` is how long to wait for something that is down. `longest` is where the pauses stop
    growing (both in seconds). `receives` is how often a message is received at most.
    """

    patience: float
    longest: float
    receives: int = 900

    def delay(self, attempt: int, chance: float, asked: Any = 0.0) -> float:
        """Return the pause after the `attempt`-th attempt, counted from 1 (seconds).

        `chance` is a random number from 0 to 1. `asked` is what the platform asks for (seconds): it
        can only lengthen the pause, up to the patience. Values that are not numbers are ignored.
        """
        growing = min(2.0 ** min(attempt - 1, 30), self.longest) * (1 - _SPREAD * chance)
        return max(_FLOOR, growing, min(_seconds(asked), self.patience))

    def is_over(self, waited: float, receive: int) -> bool:
        """Return whether to give up on a message.

        It has been failing for `waited` seconds; `receive` counts its receives from the queue.
        """
        return waited > self.patience or receive >= self.receives

    def after(
        self, reason: str, attempt: int, waited: float, chance: float, asked: Any = 0.0
    ) -> RetryLater | DeadLetter:
        """Return what follows an attempt that failed for now, each receive being an attempt.

        The arguments are those of `delay` and `is_over`.
        """
        if self.is_over(waited, attempt):
            return DeadLetter(reason)
        return RetryLater(self.delay(attempt, chance, asked), reason)

    @property
    def most_attempts(self) -> int:
        """The most attempts that fit into the patience: instant attempts, shortest pauses."""
        attempts, waited = 1, 0.0
        while waited <= self.patience:
            waited += self.delay(attempts, chance=1.0)
            attempts += 1
        return attempts


#: Messages to the agent, and its replies to the platform.
INBOX = RetryPolicy(patience=3600.0, longest=60.0)

#: The callback channel's messages to a URL.
CALLBACK = RetryPolicy(patience=86_400.0, longest=300.0)


def _seconds(asked: Any) -> float:
    """Read a connector's own `retry_after`, which may be of any type."""
    try:
        seconds = float(asked)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return seconds if seconds > 0 else 0.0  # NaN is not greater than 0
