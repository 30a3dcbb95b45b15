"""The agent over Amazon Bedrock: boto3 itself, against a stand-in of its endpoint."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from channels.agents.agent import load_agent
from channels.aws.bedrock_agent import BedrockAgent
from channels.channel import UserMessage
from channels.errors import AgentError, AgentTimeout, AgentUnavailable, CredentialsError
from tests.servers.model_server import (
    BEDROCK_STOP,
    ModelServer,
    bedrock_event,
    bedrock_piece,
    bedrock_stream,
)
from tests.servers.rasa_script import Cut, Hang, Raw, Reply, Reset
from tests.unit.agents.chatting import Shown, Table, failing_turn, turn

Serve = Callable[..., ModelServer]

HEY = bedrock_stream(
    bedrock_event("messageStart", {"role": "assistant"}),
    bedrock_piece("He"),
    bedrock_piece("y!"),
    bedrock_event("contentBlockStop", {"contentBlockIndex": 0}),
    BEDROCK_STOP,
    bedrock_event("metadata", {"usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}}),
)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    servers: list[ModelServer] = []

    def start(*answers: Any) -> ModelServer:
        servers.append(ModelServer(answers).__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", servers[-1].url)
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def agent_of(memory: Table | None = None, timeout: float = 20.0, **settings: Any) -> BedrockAgent:
    section = {"model": "amazon.nova-lite-v1:0", **settings}
    return BedrockAgent.from_credentials(section, timeout=timeout, memory=memory)


def refusal(status: int, code: str) -> Reply:
    return Reply(status, b'{"message": "private words"}', {"x-amzn-ErrorType": code})


def broken_off(code: str) -> Reply:
    event = bedrock_event(code, {"message": "private words"}, message_type="exception")
    return bedrock_stream(bedrock_piece("private words"), event)


class TestRequest:
    def test_it_is_converse_stream_with_the_conversation(self, serve: Serve) -> None:
        server = serve(HEY)
        agent = agent_of(Table(), system_prompt="Be brief.", temperature=0, max_tokens=50)
        turn(agent, "hi")
        turn(agent, "and \N{SNOWMAN}?")
        request = server.requests[1]
        assert request.path == "/model/amazon.nova-lite-v1%3A0/converse-stream"
        assert "/eu-west-1/bedrock/aws4_request" in request.headers["authorization"]
        assert request.json == {
            "system": [{"text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"text": "hi"}]},
                {"role": "assistant", "content": [{"text": "Hey!"}]},
                {"role": "user", "content": [{"text": "and \N{SNOWMAN}?"}]},
            ],
            "inferenceConfig": {"temperature": 0, "maxTokens": 50},
        }

    def test_a_model_may_be_in_another_region(self, serve: Serve) -> None:
        server = serve(HEY)
        turn(agent_of(region="us-west-2"))
        assert "/us-west-2/bedrock/" in server.requests[0].headers["authorization"]
        assert server.requests[0].json["inferenceConfig"] == {}
        assert "system" not in server.requests[0].json

    def test_it_is_chosen_by_the_parameter_agent(self, serve: Serve) -> None:
        server = serve(HEY)
        agent = load_agent(
            "channels.aws.bedrock_agent:BedrockAgent",
            "",
            lambda: {"model": "m"},
            timeout=20.0,
            memory=lambda name: Table(),
        )
        assert turn(agent)[-1]["text"] == "Hey!"
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("section", "key"),
        [({}, "model"), ({"model": "m", "region": 1}, "region")],
    )
    def test_a_setting_that_cannot_serve_is_named(self, section: dict[str, Any], key: str) -> None:
        with pytest.raises(CredentialsError, match=f"'{key}'"):
            BedrockAgent.from_credentials(section, timeout=20.0, memory=None)

    def test_keys_that_are_not_its_own_are_left_alone(self) -> None:
        section = {"model": "m", "api_key": "k", "remote": True, "modl": "n"}
        made = BedrockAgent.from_credentials(section, timeout=20.0, memory=None)
        assert made.settings.model == "m"


class TestAnswer:
    def test_pieces_are_shown_and_the_whole_is_sent(self, serve: Serve) -> None:
        serve(HEY)
        assert turn(agent_of()) == ["start", "He", "y!", "end", {"to": "U1", "text": "Hey!"}]

    def test_thoughts_and_tools_are_not_shown(self, serve: Serve) -> None:
        thought = {"delta": {"reasoningContent": {"text": "hm"}}, "contentBlockIndex": 0}
        call = {"start": {"toolUse": {"toolUseId": "t", "name": "n"}}, "contentBlockIndex": 1}
        events = [
            bedrock_event("contentBlockDelta", thought),
            bedrock_event("contentBlockStart", call),
            bedrock_piece("Hey!"),
            BEDROCK_STOP,
        ]
        serve(bedrock_stream(*events))
        assert turn(agent_of()) == ["start", "Hey!", "end", {"to": "U1", "text": "Hey!"}]

    def test_a_piece_is_shown_before_the_model_has_finished(self, serve: Serve) -> None:
        shown = threading.Event()

        class Showing(Shown):
            async def send_response_chunk(self, recipient_id: str, chunk: str, **_: Any) -> None:
                shown.set()

        def steps() -> Iterator[Any]:
            yield bedrock_piece("first ")
            yield bedrock_piece("seen" if shown.wait(10) else "nobody saw the first")
            yield BEDROCK_STOP

        serve(Reply(body=steps(), headers=HEY.headers))
        output = Showing()
        asyncio.run(agent_of().handle_message(UserMessage("hi", output, "U1")))
        assert output.calls[-1] == {"to": "U1", "text": "first seen"}


class TestFailures:
    @pytest.mark.parametrize(
        ("answer", "kind", "cause"),
        [
            (refusal(400, "ValidationException"), AgentError, "ValidationException"),
            (refusal(424, "ModelErrorException"), AgentError, "ModelErrorException"),
            (refusal(408, "ModelTimeoutException"), AgentTimeout, "ModelTimeoutException"),
            (refusal(429, "ThrottlingException"), AgentUnavailable, "ThrottlingException"),
            (refusal(429, "ModelNotReadyException"), AgentUnavailable, "ModelNotReady"),
            (refusal(503, "ServiceUnavailableException"), AgentUnavailable, "ServiceUnavailable"),
            (refusal(500, "InternalServerException"), AgentUnavailable, "InternalServer"),
            (refusal(403, "AccessDeniedException"), AgentUnavailable, "BedrockModelArns"),
            (refusal(404, "ResourceNotFoundException"), AgentUnavailable, "'model' and 'region'"),
            (broken_off("throttlingException"), AgentUnavailable, "throttlingException"),
            (broken_off("serviceUnavailableException"), AgentUnavailable, "serviceUnavailable"),
            (broken_off("modelStreamErrorException"), AgentError, "modelStreamErrorException"),
            (broken_off("validationException"), AgentError, "validationException"),
            (bedrock_stream(bedrock_piece("private words")), AgentError, "before its end"),
            (bedrock_stream(bedrock_piece("private words"), Cut()), AgentError, "broke off"),
            (bedrock_stream(bedrock_piece("private words"), Reset()), AgentError, "broke off"),
            (
                bedrock_stream(Raw(bedrock_piece("private words").data[:-4] + b"\0" * 4)),
                AgentError,
                "broke off",
            ),
            (bedrock_stream(BEDROCK_STOP), AgentError, "no text"),
            (bedrock_stream(bedrock_piece("private words"), Hang()), AgentTimeout, "0.5 seconds"),
            (Hang(), AgentTimeout, "within 0.5 seconds"),
            (Cut(), AgentUnavailable, "no connection"),
        ],
        ids=str,
    )
    def test_each_has_its_error_without_what_was_said(
        self, serve: Serve, answer: Any, kind: type[AgentError], cause: str
    ) -> None:
        server = serve(answer)
        table = Table()
        error, shown = failing_turn(agent_of(table, timeout=0.5))
        assert (type(error), cause in str(error)) == (kind, True), str(error)
        assert "private" not in str(error)
        assert error.__cause__ is None
        assert shown in ([], ["start", "private words"])
        assert table.kept == {}
        assert len(server.requests) == 1

    def test_a_service_that_is_not_there_is_said_to_be(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9")
        error, _ = failing_turn(agent_of())
        assert type(error) is AgentUnavailable
