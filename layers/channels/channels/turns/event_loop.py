"""An event loop on a thread of its own, kept from one invocation to the next.

Agents and connectors hold clients bound to their loop, so one loop serves them all. It has a thread
of its own because code that blocks (most SDKs do) could otherwise not be given up on.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING

from channels.errors import AgentTimeout
from channels.telemetry.logs import carry_fields, current_fields

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any


class EventLoop:
    """Runs coroutines for synchronous callers, each within a time limit.

    The thread ends with the object: nothing of it is left open when nobody holds it any more.
    """

    def __init__(self) -> None:
        """Start the loop's thread with the first coroutine."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: weakref.finalize[..., EventLoop] | None = None

    def run[T](self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """The coroutine's result; AgentTimeout when it takes longer than `timeout` (seconds).

        A coroutine that does not even react to its cancellation is left behind with its loop. Its
        log lines bear the fields of the caller's.
        """
        carried = _carrying(current_fields(), coroutine)
        future = asyncio.run_coroutine_threadsafe(carried, self._running())
        try:
            return future.result(timeout)
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            self.close()
            raise AgentTimeout(f"no answer within {timeout:.0f} seconds") from None

    def close(self) -> None:
        """Stop the loop; the next coroutine starts a new one."""
        if self._stop is not None:
            self._stop()
        self._loop = self._stop = None

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = loop = asyncio.new_event_loop()
            self._stop = weakref.finalize(self, loop.call_soon_threadsafe, loop.stop)
            threading.Thread(target=_serve, args=(loop,), name="channels", daemon=True).start()
        return self._loop


async def _carrying[T](fields: Mapping[str, str], coroutine: Coroutine[Any, Any, T]) -> T:
    """A loop works for one caller at a time, so that its thread's fields are that one's."""
    carry_fields(fields)
    return await coroutine


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
