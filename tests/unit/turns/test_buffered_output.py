"""Recording what the agent says while a streamed answer is shown live."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels.errors import PlatformUnavailable
from channels.output import OutputChannel
from channels.turns.buffered_output import BufferedOutput


class Live(OutputChannel):
    """Shows chunks; fails at the call that is named."""

    def __init__(self, fails_at: str = "", error: Exception | None = None) -> None:
        super().__init__()
        self.shown: list[str] = []
        self._fails_at = fails_at
        self._error = error or PlatformUnavailable("the socket is closed")

    def _show(self, what: str) -> None:
        if what == self._fails_at:
            raise self._error
        self.shown.append(what)

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        self._show("start")

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        self._show(chunk)

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        self._show("end")


async def stream(output: OutputChannel, *chunks: str) -> None:
    await output.send_response_chunk_start("U1")
    for chunk in chunks:
        await output.send_response_chunk("U1", chunk)
    await output.send_response_chunk_end("U1")
    await output.send_response("U1", {"text": "".join(chunks)})


def test_chunks_are_shown_at_once_and_only_the_whole_text_is_recorded() -> None:
    live = Live()
    output = BufferedOutput(live)
    asyncio.run(stream(output, "a", "b"))
    assert live.shown == ["start", "a", "b", "end"]
    assert output.messages == [{"text": "ab"}]


@pytest.mark.parametrize(
    ("fails_at", "shown"),
    [("start", []), ("a", ["start"]), ("b", ["start", "a"]), ("end", ["start", "a", "b"])],
)
def test_a_preview_that_cannot_be_shown_breaks_no_turn(fails_at: str, shown: list[str]) -> None:
    live = Live(fails_at)
    output = BufferedOutput(live)
    asyncio.run(stream(output, "a", "b"))
    assert live.shown == shown
    assert output.messages == [{"text": "ab"}]


def test_the_next_preview_is_tried_again() -> None:
    live = Live("b")
    output = BufferedOutput(live)

    async def turn() -> None:
        await stream(output, "a", "b")
        await stream(output, "c")

    asyncio.run(turn())
    assert live.shown == ["start", "a", "start", "c", "end"]
    assert output.messages == [{"text": "ab"}, {"text": "c"}]


def test_a_defect_is_not_taken_for_a_preview_that_cannot_be_shown() -> None:
    with pytest.raises(KeyError):
        asyncio.run(stream(BufferedOutput(Live("a", KeyError("a"))), "a"))


def test_tracker_state_is_handed_on() -> None:
    live = Live()
    BufferedOutput(live).attach_tracker_state({"slots": {}})
    assert live.tracker_state == {"slots": {}}
