"""The Rasa agent against a stand-in Rasa server: what it asks, and every answer that may come."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from channels.agents.rasa import RasaAgent
from channels.channel import CollectingOutputChannel
from channels.errors import AgentError, CredentialsError, RecipientGone
from tests.servers.rasa_script import (
    Hang,
    Raw,
    ReceivedRequest,
    Reply,
    Step,
)
from tests.unit.agents.turns import (
    ITEMS,
    AgentOf,
    Recorder,
    Serve,
    ask,
    ask_in_vain,
)


class TestRequest:
    def test_it_is_rasas_rest_request_with_stream(self, serve: Serve, agent_of: AgentOf) -> None:
        server = serve()
        metadata = {"message_id": "the user's own", "deep": [1, {"a": None}]}
        ask(
            agent_of(server),
            "  hi \N{SNOWMAN} ",
            message_id="Ev123.4:5",
            metadata=metadata,
            input_channel="slack",
        )
        (request,) = server.requests
        assert request.path == "/webhooks/rest/webhook"
        assert request.args == {"stream": "true"}
        assert request.json == {
            "sender": "user-1",
            "message": "hi \N{SNOWMAN}",
            "metadata": metadata,
            "input_channel": "slack",
        }
        assert request.headers["content-type"] == "application/json"
        assert request.headers["x-message-id"] == "Ev123.4:5"

    def test_what_a_message_does_not_have_is_null(self, serve: Serve, agent_of: AgentOf) -> None:
        server = serve()
        ask(agent_of(server), None)
        assert server.requests[0].json == {
            "sender": "user-1",
            "message": None,
            "metadata": None,
            "input_channel": None,
        }

    @pytest.mark.parametrize(
        ("message_id", "header"),
        [
            ("wamid.HBgL+/=", "wamid.HBgL+/="),
            ("a b\r\nX-Evil: 1", "a%20b%0D%0AX-Evil:%201"),
            ("50%", "50%25"),
            ("\N{SNOWMAN}", "%E2%98%83"),
            ("\ud800", "\\ud800"),
            ("\"'<>[]{}()|\\^`~!@#$&*,;?", "\"'<>[]{}()|\\^`~!@#$&*,;?"),
        ],
    )
    def test_any_message_id_reaches_rasa_in_one_header(
        self, serve: Serve, agent_of: AgentOf, message_id: str, header: str
    ) -> None:
        server = serve()
        ask(agent_of(server), message_id=message_id)
        assert server.requests[0].headers["x-message-id"] == header
        assert "x-evil" not in server.requests[0].headers

    def test_settings_go_along(self, serve: Serve) -> None:
        server = serve(prefix="/bots/a")
        agent = RasaAgent.from_credentials(
            server.url + "/",
            {
                "params": {"region": "eu&us", "stream": "false"},
                "headers": {"X-Team": "support", "content-type": "text/plain"},
                "basic_auth": {
                    "username": "m\N{LATIN SMALL LETTER U WITH DIAERESIS}",
                    "password": "p:w",
                },
                "token": "a b&c",
                "token_name": "key",
            },
            timeout=20,
        )
        ask(agent)
        (request,) = server.requests
        assert request.path == "/bots/a/webhooks/rest/webhook"
        assert request.args == {"region": "eu&us", "stream": "true", "key": "a b&c"}
        assert request.headers["x-team"] == "support"
        assert request.headers["content-type"] == "application/json"
        assert request.headers["authorization"] == "Basic " + b64encode("mü:p:w".encode()).decode()

    def test_a_wrong_setting_is_refused_at_once(self) -> None:
        with pytest.raises(CredentialsError, match="'token'"):
            RasaAgent.from_credentials("http://rasa", {"token": 5}, timeout=20)
        with pytest.raises(CredentialsError, match="RasaUrl"):
            RasaAgent.from_credentials("rasa:5005", {}, timeout=20)

    @pytest.mark.parametrize(("given", "bound"), [(0.2, "0.2"), (60, "0.3")])
    def test_the_sections_timeout_can_only_shorten_the_given_one(
        self, serve: Serve, given: float, bound: str
    ) -> None:
        agent = RasaAgent.from_credentials(serve(Hang()).url, {"timeout": given}, timeout=0.3)
        error, _ = ask_in_vain(agent)
        assert f"within {bound} seconds" in str(error)

    @pytest.mark.parametrize("value", [object(), float("nan"), b"bytes"])
    def test_metadata_that_is_no_json_is_not_sent(
        self, serve: Serve, agent_of: AgentOf, value: object
    ) -> None:
        server = serve()
        with pytest.raises(AgentError, match="metadata cannot be written as JSON"):
            ask(agent_of(server), metadata={"key": value})
        assert server.requests == []


class TestAnswer:
    def test_every_kind_of_message_passes_in_order_and_shape(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        output = Recorder()
        assert ask(agent_of(serve(ITEMS)), output=output) == ITEMS
        assert output.recipients == {"user-1"}

    def test_each_message_is_sent_on_while_rasa_still_works(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        arrived = threading.Event()

        def turn(request: ReceivedRequest) -> Iterable[Step]:
            yield {"text": "first"}
            yield {"text": "second" if arrived.wait(10) else "nobody saw the first"}

        output = Recorder(on_send=lambda _: arrived.set())
        assert ask(agent_of(serve(turn)), output=output) == [{"text": "first"}, {"text": "second"}]

    def test_recipients_of_rasas_own_are_left_out(self, serve: Serve, agent_of: AgentOf) -> None:
        output = Recorder()
        sent = ask(agent_of(serve([{"recipient_id": "other", "text": "a"}])), output=output)
        assert sent == [{"text": "a"}]
        assert output.recipients == {"user-1"}

    def test_a_turn_without_messages_sends_none(self, serve: Serve, agent_of: AgentOf) -> None:
        assert ask(agent_of(serve([]))) == []

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            json.dumps(ITEMS).replace("/", "\\/").encode(),
            json.dumps(ITEMS, indent=1).encode(),
        ],
        ids=["empty", "empty array", "array", "array over several lines"],
    )
    def test_an_array_in_place_of_lines_is_understood(
        self, serve: Serve, agent_of: AgentOf, body: bytes
    ) -> None:
        assert ask(agent_of(serve(Reply(body=body)))) == (ITEMS if len(body) > 2 else [])

    def test_no_content_is_a_turn_without_messages(self, serve: Serve, agent_of: AgentOf) -> None:
        server = serve(Raw(b"HTTP/1.1 204 No Content\r\n\r\n"))
        assert ask(agent_of(server)) == []

    def test_an_item_of_unknown_keys_only_shows_nothing_and_breaks_nothing(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        output = CollectingOutputChannel()
        server = serve([{"mood": "odd"}, {}, {"text": "next"}])
        ask(agent_of(server), output=output)
        assert output.messages == [{"recipient_id": "user-1", "text": "next"}]

    @pytest.mark.parametrize("keep_alive", [True, False], ids=["chunked", "until it closes"])
    @pytest.mark.parametrize("lines", [1, 1000])
    def test_a_reply_of_a_megabyte_arrives_whole(
        self, serve: Serve, agent_of: AgentOf, lines: int, keep_alive: bool
    ) -> None:
        items = [{"text": "\N{SNOWMAN}" * (340_000 // lines)} for _ in range(lines)]
        assert ask(agent_of(serve(items, keep_alive=keep_alive))) == items

    def test_a_line_may_come_byte_by_byte(self, serve: Serve, agent_of: AgentOf) -> None:
        line = json.dumps({"text": "\N{SNOWMAN}"}, ensure_ascii=False).encode() + b"\n"
        server = serve([Raw(bytes([byte])) for byte in line])
        assert ask(agent_of(server)) == [{"text": "\N{SNOWMAN}"}]

    def test_a_compressed_answer_is_read_as_it_comes(self, serve: Serve, agent_of: AgentOf) -> None:
        body = gzip.compress(b"".join(json.dumps(item).encode() + b"\n" for item in ITEMS))
        steps = [Raw(body[:20]), Raw(body[20:21]), Raw(body[21:])]
        server = serve(Reply(body=steps, headers={"Content-Encoding": "gzip"}))
        assert ask(agent_of(server)) == ITEMS

    @pytest.mark.parametrize("content_type", ["text/plain", "text/html", "image/png", ""])
    def test_the_content_type_does_not_matter(
        self, serve: Serve, agent_of: AgentOf, content_type: str
    ) -> None:
        server = serve(Reply(body=b'{"text": "a"}\n', headers={"Content-Type": content_type}))
        assert ask(agent_of(server)) == [{"text": "a"}]

    def test_an_error_of_the_output_channel_is_not_the_agents(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        def refuse(message: dict[str, Any]) -> None:
            raise RecipientGone("blocked")

        agent = agent_of(serve(ITEMS))
        with pytest.raises(RecipientGone):
            ask(agent, output=Recorder(on_send=refuse))
        assert ask(agent) == ITEMS


def test_the_agent_costs_neither_boto3_nor_requests_to_import() -> None:
    code = "import sys, channels.agents.rasa; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603 - this interpreter, a fixed program
        [sys.executable, "-c", code],
        env={"PYTHONPATH": "layers/channels"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "urllib3" in loaded
    assert not {"boto3", "botocore", "requests", "asyncio", "yaml", "aiohttp"} & set(loaded)
