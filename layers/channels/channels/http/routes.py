"""Run the routes of a channel's blueprint, one request at a time.

Rasa makes a blueprint once, when it starts, and so do we: connectors keep state in it. What belongs
to a single request, such as its deadline and body, is kept in the request's context.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from channels.errors import AgentTimeout, Unfinished
from channels.http.blueprint import Blueprint

if TYPE_CHECKING:
    from typing import Any, Protocol

    from channels.http.request import Request
    from channels.http.response import Response
    from channels.turns.event_loop import EventLoop

    class Routes(Protocol):
        """What serves requests: our `Blueprint`, or `SanicApp` around one of Sanic's."""

        async def respond(self, request: Request, path: str) -> Response:
            """Serve a request to `path` below the channel's prefix."""
            ...


logger = logging.getLogger(__name__)

#: Time for the response itself after a turn that took all of its own time (seconds).
_MARGIN = 1.0


class Call(NamedTuple):
    """A request that is being served; `deadline` is a time of `time.monotonic()` (seconds).

    `failures` holds the errors of turns that the handler ran in other tasks than its own, `task`,
    and errors from queueing a message. Even if the handler swallows them, it must not acknowledge
    the message.
    """

    request: Request
    deadline: float
    task: asyncio.Task[Any] | None
    failures: list[Exception]

    @property
    def remaining(self) -> float:
        """The seconds left for the agent's turn."""
        return self.deadline - time.monotonic()


current_call: ContextVar[Call] = ContextVar("current_call")

#: True within a turn and within every task that the agent starts there.
in_turn: ContextVar[bool] = ContextVar("in_turn", default=False)


def routes_of(blueprint: Any, name: str) -> Routes:
    """Return the routes of a channel's blueprint, which may be ours or the real Sanic's.

    Raises TypeError for anything else.
    """
    if isinstance(blueprint, Blueprint):
        return blueprint
    kind = type(blueprint)
    if kind.__module__.partition(".")[0] != "sanic":
        raise TypeError(
            f"blueprint() must return a Sanic Blueprint, not {kind.__module__}.{kind.__qualname__}"
        )
    from channels.http.sanic_app import SanicApp

    return SanicApp(blueprint, name)


def call(loop: EventLoop, routes: Routes, request: Request, path: str, seconds: float) -> Response:
    """Serve a request with `routes`; a turn in it may take `seconds`.

    Raises what the handler raises, and AgentTimeout if it takes longer.
    """
    try:
        return loop.run(_respond(routes, request, path, seconds), seconds + _MARGIN)
    except Unfinished as error:
        raise AgentTimeout(str(error)) from None


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
    """Wait for the handler's background tasks: a Lambda does not run after its response.

    Otherwise a message passed to `asyncio.create_task(on_new_message(...))` would be lost. Tasks
    that the agent started are its own business.
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
        logger.error("tasks still running when the response was due were cancelled: %s", names)
        for task in pending:
            task.cancel()
        raise AgentTimeout(f"not finished within {seconds:.0f} seconds")
