"""A streamed answer on the deployed stack: its beginning is there before its end is written."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.sockets.raw_client import PATIENCE, Raw
from tests.e2e.sockets.scenario import named, run_scenario, texts
from tests.servers.model_server import DONE, EVENTS, ModelServer, delta
from tests.servers.model_server import Raw as Bytes
from tests.servers.rasa_script import Reply
from tests.servers.recording_server import recording_server

AGENT = "channels.agents.chat_completions:ChatCompletionsAgent"
PIECES = ["Once ", "upon ", "a time."]


class Assistant:
    """Writes one piece, and the others when it is told to go on."""

    def __init__(self) -> None:
        self.permission = threading.Event()
        self.begun = self.told = self.finished = 0.0

    def tell(self, request: object) -> tuple[int, bytes, dict[str, str]]:
        """Answer a client that says: go on."""
        self.told = time.monotonic()
        self.permission.set()
        return 204, b"", {}

    def write(self) -> Iterator[Bytes]:
        self.begun = time.monotonic()
        yield delta(PIECES[0])
        assert self.permission.wait(PATIENCE), "nobody has seen the beginning"
        yield from map(delta, PIECES[1:])
        self.finished = time.monotonic()
        yield delta(None, "stop")
        yield DONE


@pytest.mark.parametrize("client", ["2", "3", "4"])
def test_the_beginning_is_there_before_the_end_is_written(client, sockets, figures):
    session = uuid.uuid4().hex
    assistant = Assistant()
    opted = {"query": {"stream": "1"}} if client == "2" else {"auth": {"stream": True}}
    with (
        recording_server(assistant.tell) as telling,
        ModelServer([Reply(body=assistant.write(), headers=EVENTS)]) as model,
        sockets.agent(AGENT, {"model": "small", "base_url": model.url}) as stack,
        ExitStack() as exits,
    ):
        plain = Raw.open(exits, stack)
        plain.join(session)
        seen = run_scenario(
            client,
            stack,
            [
                ("wait", ["session_confirm", 1]),
                ("emit", ["user_uttered", {"message": "a story", "session_id": session}]),
                ("wait", ["bot_stream", 1]),
                ("tell", telling.url),
                ("wait", ["bot_uttered", 1]),
                ("rest", 500),
            ],
            on_connect=[["session_request", {"session_id": session}]],
            **opted,
        )
        whole = "".join(PIECES)
        assert plain.event() == ["bot_uttered", {"text": whole}]
        with pytest.raises(TimeoutError):
            plain.event(timeout=1)
    pieces = [piece for [piece] in named(seen, "bot_stream")]
    assert [piece.get("delta") for piece in pieces][:1] == PIECES[:1]
    assert "".join(piece.get("delta", "") for piece in pieces) == whole
    assert [piece["seq"] for piece in pieces] == list(range(len(pieces)))
    assert [piece for piece in pieces if piece.get("done")] == pieces[-1:]
    assert texts(seen) == [whole]
    assert [name for name, *_ in seen][-1] == "bot_uttered"
    assert assistant.begun < assistant.told < assistant.finished
    milliseconds = (assistant.told - assistant.begun) * 1000
    figures.figure(
        f"a streamed answer: its beginning at socket.io-client {client}, after it was written; "
        "the rest was written then",
        f"{milliseconds:.0f} ms",
    )
