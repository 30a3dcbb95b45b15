"""What became of a message from a queue."""

from __future__ import annotations

from typing import NamedTuple


class Done(NamedTuple):
    """The message is dealt with; `status` says how."""

    status: str = "done"


class RetryLater(NamedTuple):
    """The message must come again, after `delay` seconds."""

    delay: float
    reason: str


class DeadLetter(NamedTuple):
    """The message cannot be dealt with: it goes to the dead-letter queue."""

    reason: str


type Outcome = Done | RetryLater | DeadLetter
