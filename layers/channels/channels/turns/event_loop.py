"""An event loop on its own thread, kept from one invocation to the next.

Agents and connectors hold clients that are bound to their loop, so a single loop serves all of
them. The loop has its own thread because the caller could not time out blocking code (most SDKs)
otherwise.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING

from channels.errors import Unfinished
from channels.telemetry.logs import carry_fields, current_fields

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any


class EventLoop:
    """Runs coroutines for synchronous callers, each with a timeout.

    The thread ends when the object is garbage-collected.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: weakref.finalize[..., EventLoop] | None = None

    def run[T](self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """Return the coroutine's result; raise Unfinished after `timeout` seconds.

        A coroutine that ignores its cancellation is abandoned together with its loop. Its log lines
        carry the caller's fields.
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
            raise Unfinished(f"not finished within {timeout:.0f} seconds") from None

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
    """Run the coroutine with the caller's log fields; the loop serves one caller at a time."""
    carry_fields(fields)
    return await coroutine


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
