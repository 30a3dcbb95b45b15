"""What became of a message received from a queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Done(NamedTuple):
    """The message is finished; `status` says how."""

    status: str = "done"


class RetryLater(NamedTuple):
    """The message must be received again after `delay` seconds."""

    delay: float
    reason: str


@dataclass(frozen=True)
class DeadLetter:
    """The message cannot be handled: it goes to the dead-letter queue.

    `buried()` is called once it is there: users and metrics are told then, not at each attempt to
    write it.
    """

    reason: str
    buried: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)


type Outcome = Done | RetryLater | DeadLetter
