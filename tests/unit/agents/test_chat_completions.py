"""The agent over chat completions, against a stand-in service."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from channels.agents.agent import load_agent
from channels.agents.chat_completions import ChatCompletionsAgent
from channels.channel import UserMessage
from channels.errors import AgentError, AgentTimeout, AgentUnavailable, CredentialsError
from tests.servers.model_server import DONE, EVENTS, ModelServer, completion, delta, event, stream
from tests.servers.rasa_script import Cut, Hang, Raw, Reply, Reset
from tests.unit.agents.chatting import Shown, Table, failing_turn, turn

Serve = Callable[..., ModelServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ModelServer] = []

    def start(*answers: Any) -> ModelServer:
        servers.append(ModelServer(answers).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def agent_of(
    url: str, memory: Table | None = None, timeout: float = 20.0, **settings: Any
) -> ChatCompletionsAgent:
    section = {"model": "small", "base_url": f"{url}/v1/", **settings}
    return ChatCompletionsAgent.from_credentials(section, timeout=timeout, memory=memory)


class TestRequest:
    def test_it_is_a_streamed_chat_completion(self, serve: Serve) -> None:
        server = serve(completion("Hey!"))
        agent = agent_of(
            server.url,
            Table(),
            api_key="sk-1",
            system_prompt="Be brief.",
            temperature=0.5,
            max_tokens=50,
        )
        turn(agent, "hi")
        turn(agent, "and \N{SNOWMAN}?")
        request = server.requests[1]
        assert request.path == "/v1/chat/completions"
        assert request.headers["authorization"] == "Bearer sk-1"
        assert request.json == {
            "model": "small",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "Hey!"},
                {"role": "user", "content": "and \N{SNOWMAN}?"},
            ],
            "stream": True,
            "temperature": 0.5,
            "max_tokens": 50,
        }

    def test_what_is_not_set_is_not_sent(self, serve: Serve) -> None:
        server = serve(completion("Hey!"))
        turn(agent_of(server.url))
        assert set(server.requests[0].json) == {"model", "messages", "stream"}
        assert "authorization" not in server.requests[0].headers

    def test_it_is_chosen_by_the_parameter_agent(self, serve: Serve) -> None:
        server = serve(completion("Hey!"))
        agent = load_agent(
            "channels.agents.chat_completions:ChatCompletionsAgent",
            "",
            lambda: {"model": "m", "base_url": server.url, "history": 1},
            timeout=20.0,
            memory=lambda name: Table(),
        )
        turn(agent, "first")
        turn(agent, "second")
        assert [each["role"] for each in server.requests[1].json["messages"]] == [
            "user",
            "assistant",
            "user",
        ]

    @pytest.mark.parametrize(
        ("section", "key"),
        [
            ({"base_url": "https://a"}, "model"),
            ({"model": "m", "base_url": "localhost:11434"}, "base_url"),
            ({"model": "m", "api_key": ""}, "api_key"),
            ({"model": "m", "api_key": 5}, "api_key"),
        ],
    )
    def test_a_setting_that_cannot_serve_is_named(self, section: dict[str, Any], key: str) -> None:
        with pytest.raises(CredentialsError, match=f"'{key}'"):
            ChatCompletionsAgent.from_credentials(section, timeout=20.0, memory=None)

    def test_keys_that_are_not_its_own_are_left_alone(self) -> None:
        section = {"model": "m", "region": "r", "remote": True, "modl": "n"}
        made = ChatCompletionsAgent.from_credentials(section, timeout=20.0, memory=None)
        assert made.settings.model == "m"


class TestAnswer:
    def test_pieces_are_shown_and_the_whole_is_sent(self, serve: Serve) -> None:
        server = serve(completion("Once ", "upon", " \N{SNOWMAN}"))
        text = "Once upon \N{SNOWMAN}"
        assert turn(agent_of(server.url)) == [
            "start",
            "Once ",
            "upon",
            " \N{SNOWMAN}",
            "end",
            {"to": "U1", "text": text},
        ]

    def test_a_piece_is_shown_before_the_model_has_finished(self) -> None:
        shown = threading.Event()

        class Showing(Shown):
            async def send_response_chunk(self, recipient_id: str, chunk: str, **_: Any) -> None:
                self.calls.append(chunk)
                shown.set()

        def steps() -> Iterator[Any]:
            yield delta("first ")
            yield delta("seen" if shown.wait(10) else "nobody saw the first")
            yield DONE

        with ModelServer([Reply(body=steps(), headers=EVENTS)]) as server:
            output = Showing()
            message = UserMessage("hi", output, "U1")
            asyncio.run(agent_of(server.url).handle_message(message))
        assert output.calls[-1] == {"to": "U1", "text": "first seen"}

    @pytest.mark.parametrize(
        "steps",
        [
            [Raw(b": keep alive\n\n"), delta("a"), delta("b"), DONE],
            [delta("a"), event({"choices": []}), delta("b"), DONE, Hang()],
            [delta(None), delta(""), delta("ab", "stop")],
            [delta("a"), delta("b", "length")],
            [Raw(b'event: x\r\ndata:{"choices":[{"delta":{"content":"ab"}}]}\r\n\r\n'), DONE],
            [Raw(bytes([byte])) for byte in delta("ab").data + DONE.data],
            [delta("ab"), event({"choices": [{"delta": {"role": "assistant"}}]}), DONE],
        ],
        ids=["comment", "usage", "no text", "no DONE", "other lines", "bytes", "role"],
    )
    def test_streams_of_all_servers_are_understood(self, serve: Serve, steps: list[Any]) -> None:
        assert turn(agent_of(serve(stream(*steps)).url))[-1]["text"] == "ab"

    def test_a_server_that_does_not_stream_is_understood(self, serve: Serve) -> None:
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": "Hey!"}}]})
        answer = Reply(body=body.encode(), headers={"Content-Type": "application/json"})
        assert turn(agent_of(serve(answer).url)) == [
            "start",
            "Hey!",
            "end",
            {"to": "U1", "text": "Hey!"},
        ]


class TestFailures:
    @pytest.mark.parametrize(
        ("answer", "kind", "cause"),
        [
            (Reply(429), AgentUnavailable, "status 429"),
            (Reply(503), AgentUnavailable, "status 503"),
            (Reply(500), AgentError, "status 500"),
            (Reply(400, b'{"error": "secret"}'), AgentError, "status 400"),
            (Reply(401), AgentUnavailable, "'api_key'"),
            (Reply(404), AgentUnavailable, "'base_url' and 'model'"),
            (Reply(302, headers={"Location": "/"}), AgentUnavailable, "'base_url'"),
            (Reply(504), AgentTimeout, "status 504"),
            (stream(), AgentError, "broke off"),
            (stream(delta("secret")), AgentError, "broke off"),
            (stream(delta("secret"), Cut()), AgentError, "broke off"),
            (stream(delta("secret"), Reset()), AgentError, "broke off"),
            (stream(delta("secret"), event({"error": {"message": "secret"}})), AgentError, "error"),
            (stream(Raw(b"data: {secret\n\n")), AgentError, "not a JSON object"),
            (stream(Raw(b"data: [1]\n\n")), AgentError, "not a JSON object"),
            (stream(Raw(b"data: " + b"[" * 50_000 + b"\n\n")), AgentError, "not a JSON object"),
            (stream(DONE), AgentError, "no text"),
            (Reply(body=b"<html>secret"), AgentError, "broke off"),
            (Cut(), AgentError, "broke"),
            (Reset(), AgentError, "broke"),
            (Hang(), AgentTimeout, "within 0.5 seconds"),
            (stream(delta("secret"), Hang()), AgentTimeout, "within 0.5 seconds"),
        ],
        ids=str,
    )
    def test_each_has_its_error_without_what_was_said(
        self, serve: Serve, answer: Any, kind: type[AgentError], cause: str
    ) -> None:
        table = Table()
        error, shown = failing_turn(agent_of(serve(answer).url, table, timeout=0.5))
        assert type(error) is kind
        assert cause in str(error)
        assert "secret" not in str(error)
        assert error.__cause__ is None
        assert shown in ([], ["start", "secret"])
        assert table.kept == {}

    def test_a_service_that_is_not_there_is_said_to_be(self) -> None:
        error, _ = failing_turn(agent_of("http://127.0.0.1:9"))
        assert type(error) is AgentUnavailable
        assert "'base_url'" in str(error)

    def test_a_request_is_sent_once(self, serve: Serve) -> None:
        server = serve(Reply(503))
        failing_turn(agent_of(server.url))
        assert len(server.requests) == 1
