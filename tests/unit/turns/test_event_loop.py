"""One loop for all coroutines of an instance, on a thread that ends with it."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import pytest

from channels.errors import Unfinished
from channels.turns.event_loop import EventLoop


async def where() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    return asyncio.get_running_loop(), threading.current_thread()


async def block(seconds: float) -> None:
    time.sleep(seconds)


def test_coroutines_share_a_loop_on_a_thread_of_its_own() -> None:
    event_loop = EventLoop()
    first, second = event_loop.run(where(), timeout=10), event_loop.run(where(), timeout=10)

    assert first == second
    assert first[1] is not threading.current_thread()


def test_what_a_coroutine_raises_reaches_the_caller() -> None:
    async def fail() -> None:
        raise TimeoutError("the coroutine's own")

    with pytest.raises(TimeoutError, match="the coroutine's own"):
        EventLoop().run(fail(), timeout=10)


def test_a_coroutine_that_blocks_is_left_behind_with_its_loop() -> None:
    event_loop = EventLoop()
    abandoned, _ = event_loop.run(where(), timeout=10)

    with pytest.raises(Unfinished, match="not finished within 0 seconds"):
        event_loop.run(block(0.2), timeout=0.01)

    assert event_loop.run(where(), timeout=10)[0] is not abandoned


@pytest.mark.parametrize("end", ["close", "drop"])
def test_the_thread_ends_with_the_object(end: str) -> None:
    event_loop = EventLoop()
    loop, thread = event_loop.run(where(), timeout=10)
    if end == "close":
        event_loop.close()
    del event_loop
    gc.collect()

    thread.join(timeout=10)
    assert not thread.is_alive()
    assert loop.is_closed()
