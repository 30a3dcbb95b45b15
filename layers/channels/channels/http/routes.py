"""Driving the routes of a channel's blueprint, one request at a time.

Rasa makes a blueprint once, at its start, and so do we: connectors keep state in it. What belongs
to one request, how long it may take and what its body says, is in the request's context.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from channels.errors import AgentTimeout
from channels.http.blueprint import Blueprint

if TYPE_CHECKING:
    from typing import Any, Protocol

    from channels.http.request import Request
    from channels.http.response import Response
    from channels.turns.event_loop import EventLoop

    class Routes(Protocol):
        """What answers requests: our `Blueprint`, or `SanicApp` around one of Sanic's."""

        async def respond(self, request: Request, path: str) -> Response:
            """The answer to a request to `path` below the channel's prefix."""
            ...


logger = logging.getLogger(__name__)

#: For the answer itself, after a turn that took all its time (seconds).
_MARGIN = 1.0


class Call(NamedTuple):
    """A request that is being answered; `deadline` by `time.monotonic()` (seconds).

    `failures` are those of turns that the handler left to other tasks than its own, `task`, and
    those to queue a message: a handler that takes them for nothing must not acknowledge it.
    """

    request: Request
    deadline: float
    task: asyncio.Task[Any] | None
    failures: list[Exception]

    @property
    def remaining(self) -> float:
        """Seconds left for the agent's turn."""
        return self.deadline - time.monotonic()


current_call: ContextVar[Call] = ContextVar("current_call")

#: True in a turn and in every task that the agent starts there.
in_turn: ContextVar[bool] = ContextVar("in_turn", default=False)


def routes_of(blueprint: Any, name: str) -> Routes:
    """What answers the requests of a channel's blueprint, ours or one of the real Sanic.

    Raises TypeError for anything else.
    """
    if isinstance(blueprint, Blueprint):
        return blueprint
    kind = type(blueprint)
    if kind.__module__.partition(".")[0] != "sanic":
        raise TypeError(
            f"blueprint() must give a Blueprint of sanic, not {kind.__module__}.{kind.__qualname__}"
        )
    from channels.http.sanic_app import SanicApp

    return SanicApp(blueprint, name)


def call(loop: EventLoop, routes: Routes, request: Request, path: str, seconds: float) -> Response:
    """The answer of `routes` to a request; a turn in it may take `seconds`.

    Raises what the handler raises, AgentTimeout when it takes longer.
    """
    return loop.run(_respond(routes, request, path, seconds), seconds + _MARGIN)


async def _respond(routes: Routes, request: Request, path: str, seconds: float) -> Response:
    now = Call(request, time.monotonic() + seconds, asyncio.current_task(), [])
    current_call.set(now)
    before = asyncio.all_tasks()
    response = await routes.respond(request, path)
    await _finish(asyncio.all_tasks() - before, now.remaining)
    if now.failures and response.status < 400:
        raise now.failures[0]
    return response


async def _finish(tasks: set[asyncio.Task[Any]], seconds: float) -> None:
    """Wait for what a handler left to the background, which a Lambda has none of.

    A message given to `asyncio.create_task(on_new_message(...))` would be lost with the answer.
    Tasks that the agent started are its own.
    """
    own = {task for task in tasks if not task.get_context().get(in_turn, False)}
    if not own:
        return
    done, pending = await asyncio.wait(own, timeout=max(seconds, 0))
    for task in done:
        if not task.cancelled():
            task.result()
    if pending:
        names = ", ".join(sorted(str(task.get_coro()) for task in pending))
        logger.error("still at work after the answer was due, and stopped: %s", names)
        for task in pending:
            task.cancel()
        raise AgentTimeout(f"no end within {seconds:.0f} seconds")
