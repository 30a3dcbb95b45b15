"""What became of a message received from a queue."""

from __future__ import annotations

from typing import NamedTuple


class Done(NamedTuple):
    """The message is finished; `status` says how."""

    status: str = "done"


class RetryLater(NamedTuple):
    """The message must be received again after `delay` seconds."""

    delay: float
    reason: str


class DeadLetter(NamedTuple):
    """The message cannot be handled: it goes to the dead-letter queue."""

    reason: str


type Outcome = Done | RetryLater | DeadLetter
