"""What a call of a platform has to pass first.

Code that blocks cannot be stopped when its time is over: it goes on when its call returns. The
worker sets `before_call` to a function that raises from then on, so that no further call begins.
"""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _pass() -> None:
    """Let the call begin."""


#: Called before each call of a platform; raises if the call may not begin any more.
before_call: ContextVar[Callable[[], None]] = ContextVar("before_call", default=_pass)
