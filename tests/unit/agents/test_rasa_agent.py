"""The Rasa agent against a stand-in Rasa server: every answer that may come, and those that break.

Time limits here end a wait that would never end; nothing is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gzip
import ipaddress
import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from urllib3 import exceptions

from channels.agents.connections import Connections
from channels.agents.rasa import RasaAgent
from channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from channels.errors import AgentError, AgentTimeout, CredentialsError, RecipientGone
from tests.rasa_server import (
    Answer,
    Cut,
    Fail,
    Hang,
    RasaServer,
    Raw,
    ReceivedRequest,
    Reply,
    Reset,
    Step,
    Wait,
)

ITEMS: list[dict[str, Any]] = [
    {"text": "How are you? / \N{GRINNING FACE}"},
    {"text": "Pick", "buttons": [{"title": "great", "payload": '/mood{"a": "b/c"}'}]},
    {"image": "https://example.com/a.png"},
    {"attachment": {"type": "file", "url": "https://example.com/b.pdf"}},
    {"custom": {"deep": [{"er": None}, 1.5, True]}},
]

WORDS = "my private words"

SECRETS = ("t0ken-value", "passw0rd", "s3cret-header", b64encode(b"u:passw0rd").decode(), WORDS)


class Recorder(OutputChannel):
    """Keeps what the agent sends; `on_send` is called with each message."""

    def __init__(self, on_send: Callable[[dict[str, Any]], None] | None = None) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self.recipients: set[str] = set()
        self._on_send = on_send

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self.recipients.add(recipient_id)
        if self._on_send is not None:
            self._on_send(message)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def almost_over(clock: Clock) -> Callable[[dict[str, Any]], None]:
    """An `on_send` that leaves a tenth of a second of the limit that `agent_of` sets."""

    def move(message: dict[str, Any]) -> None:
        clock.now += 19.9

    return move


class Failing(Connections):
    """Connections of which none comes about."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def post(self, *args: Any, **kwargs: Any) -> Any:
        raise self._error


def ask(
    agent: RasaAgent, text: str | None = "hi", output: OutputChannel | None = None, **parts: Any
) -> list[dict[str, Any]]:
    """Run one turn; what the agent sent."""
    output = output or Recorder()
    asyncio.run(agent.handle_message(UserMessage(text, output, "user-1", **parts)))
    return output.sent if isinstance(output, Recorder) else []


def ask_in_vain(
    agent: RasaAgent, text: str = "hi", output: Recorder | None = None
) -> tuple[AgentError, list[dict[str, Any]]]:
    """Run one turn that fails; the error, and what was sent before."""
    output = output or Recorder()
    with pytest.raises(AgentError) as raised:
        ask(agent, text, output)
    return raised.value, output.sent


@pytest.fixture
def serve() -> Iterator[Callable[..., RasaServer]]:
    """Starts stand-in servers: a script, or the answer to whatever is said."""
    servers: list[RasaServer] = []

    def start(script: Any = (), **options: Any) -> RasaServer:
        constant = not (callable(script) or isinstance(script, dict))
        server = RasaServer((lambda _: script) if constant else script, **options)
        servers.append(server.__enter__())
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def agent_of() -> Iterator[Callable[..., RasaAgent]]:
    """Makes agents whose connections are closed in the end."""
    opened: list[Connections] = []

    def make(server: RasaServer | str, **settings: Any) -> RasaAgent:
        connections = settings.pop("connections", None) or Connections()
        opened.append(connections)
        url = server if isinstance(server, str) else server.url
        return RasaAgent(url, connections=connections, **{"timeout": 20.0, **settings})

    yield make
    for connections in opened:
        connections.close()


Serve = Callable[..., RasaServer]
AgentOf = Callable[..., RasaAgent]


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


class TestBrokenAnswer:
    @pytest.mark.parametrize(
        ("steps", "cause"),
        [
            ([Raw(b'{"text": \n')], "line 3"),
            ([Raw(b'{"text": "cut off')], "line 3"),
            ([Raw(b'"only a string"\n')], "line 3 is no JSON object"),
            ([Raw(b'{"text": "\xff\xfe"}\n')], "UnicodeDecodeError"),
            ([Raw(b"<html>busy</html>\n")], "looks like a web page"),
            ([Raw(b'{"error": {"status": 502}}\n')], "status 502"),
            ([Cut()], "IncompleteRead"),
            ([Raw(b'{"text": "half'), Cut()], "IncompleteRead"),
            ([Reset()], "ConnectionResetError"),
            ([Raw(b'{"text": "half'), Reset()], "ConnectionResetError"),
        ],
        ids=[
            "broken JSON",
            "last line cut off",
            "no object",
            "invalid UTF-8",
            "HTML",
            "error line",
            "closed",
            "closed inside a line",
            "reset",
            "reset inside a line",
        ],
    )
    def test_messages_before_the_break_were_sent(
        self, serve: Serve, agent_of: AgentOf, steps: list[Step], cause: str
    ) -> None:
        agent = agent_of(server := serve({"hi": [*ITEMS[:2], Wait(0.05), *steps]}))
        error, sent = ask_in_vain(agent)
        assert sent == ITEMS[:2]
        assert cause in str(error)
        assert type(error) is AgentError
        assert ask(agent, "again") == []
        assert [request.text for request in server.requests] == ["hi", "again"]

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [
            (Cut(), "RemoteDisconnected"),
            (Reset(), "ConnectionResetError"),
            (Raw(b"220 smtp.example.com\r\n"), "BadStatusLine"),
            (Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{}"), "IncompleteRead"),
            (
                Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
                "IncompleteRead",
            ),
            (Reply(body=b"<html>Sign in</html>"), "looks like a web page: check RasaUrl"),
            (Reply(body=b"\x00\xff" * 100), "UnicodeDecodeError"),
            (Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}), "decompressed"),
        ],
        ids=[
            "closed",
            "reset",
            "not HTTP",
            "shorter than stated",
            "broken chunk",
            "HTML",
            "binary",
            "not gzip",
        ],
    )
    def test_no_answer_at_all(
        self, serve: Serve, agent_of: AgentOf, answer: Answer, cause: str
    ) -> None:
        error, sent = ask_in_vain(agent_of(server := serve(answer)))
        assert sent == []
        assert cause in str(error)
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("status", "mend"),
        [
            (300, "redirects are not followed"),
            (400, "server's log"),
            (401, "'token'"),
            (403, "'basic_auth'"),
            (404, "channel 'rest'"),
            (405, "check RasaUrl"),
            (409, "server's log"),
            (413, "server's log"),
            (429, "server's log"),
            (500, "server's log"),
            (502, "server's log"),
            (503, "server's log"),
        ],
    )
    def test_a_status_other_than_success_names_itself_and_the_mend_and_is_not_repeated(
        self, serve: Serve, agent_of: AgentOf, status: int, mend: str
    ) -> None:
        server = serve(Reply(status, b'[{"text": "no message"}]', {"Retry-After": "0"}))
        error, sent = ask_in_vain(agent_of(server))
        assert f"status {status}" in str(error)
        assert mend in str(error)
        assert error.status == 502
        assert sent == []
        assert len(server.requests) == 1

    def test_a_gateway_timeout_is_a_timeout(self, serve: Serve, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of(serve(Reply(504))))
        assert isinstance(error, AgentTimeout)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("host", ["same", "another"])
    def test_a_redirect_is_not_followed(
        self, serve: Serve, agent_of: AgentOf, status: int, host: str
    ) -> None:
        other = serve(ITEMS)
        path = "/webhooks/rest/webhook?token=t0p"
        target = other.url + path if host == "another" else path
        server = serve(Reply(status, headers={"Location": target}))
        error, _ = ask_in_vain(agent_of(server))
        assert f"status {status}" in str(error)
        assert "t0p" not in str(error)
        assert (len(server.requests), len(other.requests)) == (1, 0)

    def test_a_wrong_path_is_told(self, serve: Serve, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of(serve().url + "/elsewhere"))
        assert "status 404" in str(error)


class TestSize:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"text": "' + b"x" * 2000 + b'"}\n',
            b'{"text": "short"}\n' * 60,
            b"\n" * 1001,
        ],
        ids=["one line", "many lines", "blank lines"],
    )
    def test_a_larger_reply_than_allowed_is_not_read_on(
        self, serve: Serve, agent_of: AgentOf, body: bytes
    ) -> None:
        agent = agent_of(serve([Raw(body), Hang()]))
        agent.max_reply_size = 1000
        error, _ = ask_in_vain(agent)
        assert "larger than 1000 bytes" in str(error)

    def test_a_reply_of_just_that_size_is_taken(self, serve: Serve, agent_of: AgentOf) -> None:
        body = b'{"text": "a"}\n'
        agent = agent_of(serve([Raw(body)]))
        agent.max_reply_size = len(body)
        assert ask(agent) == [{"text": "a"}]

    def test_the_size_counts_after_decompression(self, serve: Serve, agent_of: AgentOf) -> None:
        bomb = gzip.compress(b" " * 20_000_000)
        agent = agent_of(server := serve(Reply(body=bomb, headers={"Content-Encoding": "gzip"})))
        error, _ = ask_in_vain(agent)
        assert len(bomb) < 100_000
        assert "larger than 10485760 bytes" in str(error)
        assert len(server.requests) == 1


class TestTime:
    def test_a_bot_that_raises_in_a_stream_hangs_and_is_given_up(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        clock = Clock()
        agent = agent_of(serve([*ITEMS[:1], Fail()]), clock=clock)
        error, sent = ask_in_vain(agent, output=Recorder(on_send=almost_over(clock)))
        assert isinstance(error, AgentTimeout)
        assert error.status == 504
        assert "within 20 seconds" in str(error)
        assert sent == ITEMS[:1]

    def test_a_server_that_accepts_and_says_nothing_is_given_up(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        error, _ = ask_in_vain(agent_of(serve(Hang()), timeout=0.3))
        assert isinstance(error, AgentTimeout)

    @pytest.mark.parametrize("keep_alive", [True, False], ids=["chunked", "until it closes"])
    def test_the_limit_is_for_the_whole_turn_not_for_each_message(
        self, serve: Serve, agent_of: AgentOf, keep_alive: bool
    ) -> None:
        clock, taken = Clock(), threading.Semaphore(0)

        def next_message_takes_a_second(message: dict[str, Any]) -> None:
            clock.now += 1.0
            taken.release()

        def turn(request: ReceivedRequest) -> Iterable[Step]:
            for number in range(10):
                yield {"text": str(number)}
                taken.acquire(timeout=10)

        agent = agent_of(serve(turn, keep_alive=keep_alive), timeout=3.5, clock=clock)
        error, messages = ask_in_vain(agent, output=Recorder(on_send=next_message_takes_a_second))
        taken.release(10)
        assert isinstance(error, AgentTimeout)
        assert [message["text"] for message in messages] == ["0", "1", "2", "3"]

    @pytest.mark.parametrize("keep_alive", [True, False], ids=["chunked", "until it closes"])
    def test_the_wait_for_the_next_byte_is_what_is_left_of_the_limit(
        self, serve: Serve, agent_of: AgentOf, keep_alive: bool
    ) -> None:
        clock = Clock()
        server = serve([{"text": "a"}, Wait(10), {"text": "late"}], keep_alive=keep_alive)
        agent = agent_of(server, clock=clock)
        error, sent = ask_in_vain(agent, output=Recorder(on_send=almost_over(clock)))
        assert isinstance(error, AgentTimeout)
        assert sent == [{"text": "a"}]

    def test_bytes_that_make_no_line_do_not_prolong_a_turn(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        def dripping(request: ReceivedRequest) -> Iterable[Step]:
            for _ in range(500):
                yield Raw(b" ")
                yield Wait(0.02)
            yield {"text": "too late"}

        error, sent = ask_in_vain(agent_of(serve(dripping), timeout=0.3))
        assert isinstance(error, AgentTimeout)
        assert sent == []

    def test_a_body_that_drips_does_not_prolong_a_turn(self, agent_of: AgentOf) -> None:
        with DrippingServer(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n") as url:
            error, _ = ask_in_vain(agent_of(url, timeout=0.3))
        assert isinstance(error, AgentTimeout)


class TestConnection:
    def test_a_connection_refused_asks_whether_rasa_runs(self, agent_of: AgentOf) -> None:
        with RasaServer() as server:
            url = server.url
        error, _ = ask_in_vain(agent_of(url))
        assert "is it running" in str(error)
        assert "ConnectionRefusedError" in str(error)
        assert error.status == 502

    def test_a_host_name_that_nobody_knows_is_told(self, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of("http://rasa.invalid:5005"))
        assert "the host name in RasaUrl is not known" in str(error)

    def test_a_host_name_that_cannot_be_one_is_told(self, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of(f"http://{'x' * 70}.example.com"))
        assert "the request to Rasa failed (LocationParseError)" in str(error)

    def test_a_way_to_the_server_that_takes_too_long_is_a_timeout(self, agent_of: AgentOf) -> None:
        connections = Failing(exceptions.ConnectTimeoutError("timed out"))
        error, _ = ask_in_vain(agent_of("http://rasa", connections=connections))
        assert isinstance(error, AgentTimeout)
        assert "firewall" in str(error)

    def test_turns_share_a_kept_alive_connection(self, serve: Serve, agent_of: AgentOf) -> None:
        agent = agent_of(server := serve({"hi": ITEMS, "array": Reply(body=b"[]")}))
        for text in ("hi", "unknown", "array", "hi"):
            ask(agent, text)
        assert [request.connection for request in server.requests] == [1, 1, 1, 1]

    def test_a_connection_that_the_server_closed_meanwhile_is_replaced(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        agent = agent_of(server := serve(ITEMS))
        ask(agent, "one")
        server.close_connections()
        assert ask(agent, "two") == ITEMS
        assert [(r.text, r.connection) for r in server.requests] == [("one", 1), ("two", 2)]

    @pytest.mark.parametrize("answer", [Cut(), Reset()], ids=["closed", "reset"])
    def test_a_message_that_a_dying_server_has_read_is_not_sent_again(
        self, serve: Serve, agent_of: AgentOf, answer: Answer
    ) -> None:
        agent = agent_of(server := serve({"fatal": answer}))
        ask(agent, "one")
        ask_in_vain(agent, "fatal")
        ask(agent, "three")
        assert [r.text for r in server.requests] == ["one", "fatal", "three"]

    @pytest.mark.parametrize(("idle", "connections"), [(3.9, 1), (4.1, 2), (-4.1, 2)])
    def test_a_connection_idle_for_too_long_is_not_used_again(
        self, serve: Serve, agent_of: AgentOf, idle: float, connections: int
    ) -> None:
        clock = Clock()
        agent = agent_of(server := serve(ITEMS), connections=Connections(wall_clock=clock))
        clock.now += 100  # before the first turn there is nothing to be idle
        ask(agent)
        clock.now += idle
        ask(agent)
        assert server.connections == connections

    def test_a_server_without_keep_alive_is_served_too(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        agent = agent_of(server := serve(ITEMS, keep_alive=False))
        assert ask(agent) == ask(agent) == ITEMS
        assert server.connections == 2

    def test_threads_ask_at_once_and_each_gets_its_own_answer(
        self, serve: Serve, agent_of: AgentOf
    ) -> None:
        together = threading.Barrier(8)

        def turn(request: ReceivedRequest) -> Iterable[Step]:
            together.wait(10)
            yield {"text": f"you said {request.text}"}
            yield {"text": "that is all"}

        agent = agent_of(server := serve(turn))

        def talk(person: int) -> list[list[dict[str, Any]]]:
            return [ask(agent, f"{person}.{number}") for number in range(5)]

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(talk, range(8)))
        assert answers == [
            [
                [{"text": f"you said {person}.{number}"}, {"text": "that is all"}]
                for number in range(5)
            ]
            for person in range(8)
        ]
        assert server.connections == 8


class TestTls:
    def test_a_server_with_a_certificate_of_ones_own_is_trusted_by_cafile(
        self, serve: Serve, certificate: Path
    ) -> None:
        server = serve(ITEMS, ssl_context=_server_context(certificate))
        credentials = {"cafile": str(certificate), "token": "abc"}
        agent = RasaAgent.from_credentials(server.url, credentials, timeout=20)
        assert ask(agent) == ask(agent) == ITEMS
        assert server.connections == 1

    @pytest.mark.parametrize("keep_alive", [True, False], ids=["chunked", "until it closes"])
    def test_a_pause_over_tls_is_given_up(
        self, serve: Serve, agent_of: AgentOf, certificate: Path, keep_alive: bool
    ) -> None:
        clock = Clock()
        context = _server_context(certificate)
        agent = agent_of(
            serve([*ITEMS[:1], Wait(10), *ITEMS], ssl_context=context, keep_alive=keep_alive),
            connections=Connections(ssl.create_default_context(cafile=certificate)),
            clock=clock,
        )
        error, sent = ask_in_vain(agent, output=Recorder(on_send=almost_over(clock)))
        assert isinstance(error, AgentTimeout)
        assert sent == ITEMS[:1]

    def test_a_certificate_that_nobody_vouches_for_is_refused(
        self, serve: Serve, agent_of: AgentOf, certificate: Path
    ) -> None:
        server = serve(ITEMS, ssl_context=_server_context(certificate))
        error, _ = ask_in_vain(agent_of(server))
        assert "SSLCertVerificationError" in str(error)
        assert "'cafile'" in str(error)
        assert server.requests == []

    def test_https_to_a_port_without_tls_is_told(self, serve: Serve, agent_of: AgentOf) -> None:
        error, _ = ask_in_vain(agent_of(serve(ITEMS).url.replace("http:", "https:")))
        assert "whether its port speaks https" in str(error)


class TestSecrets:
    @pytest.mark.parametrize(
        "answer",
        [
            [],
            Reply(401),
            Reply(302, headers={"Location": "http://x/?token=t0ken-value"}),
            Reply(500, b'{"message": "my private words"}'),
            Reply(body=b"my private words"),
            Reply(body=b'{"text": "my private words'),
            Reply(body=b'{"error": {"status": 502, "message": "my private words"}}'),
            Raw(b"my private words\r\n\r\n"),
            Raw(b"HTTP/1.1 200 OK\r\nmy private words\r\n\r\n"),
            Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmy private words\r\n"),
            [Raw(b"\xff my private words\n")],
            [Reset()],
            Cut(),
            [Fail()],
            Hang(),
        ],
        ids=repr,
    )
    def test_neither_errors_nor_logs_hold_secrets_or_what_people_wrote(
        self, serve: Serve, caplog: pytest.LogCaptureFixture, answer: Answer
    ) -> None:
        caplog.set_level(logging.DEBUG)
        agent = RasaAgent.from_credentials(
            serve(answer).url,
            {
                "token": "t0ken-value",
                "basic_auth": {"username": "u", "password": "passw0rd"},
                "headers": {"X-Key": "s3cret-header"},
            },
            timeout=0.5,
        )
        said = ""
        try:
            ask(agent, WORDS, message_id="id-1")
        except AgentError as error:
            said = "".join(traceback.format_exception(error))
            assert "message_id='id-1', sender_id='user-1'" in caplog.text
        assert not [secret for secret in SECRETS if secret in said + caplog.text]

    def test_a_server_that_cannot_be_reached_learns_and_tells_nothing(
        self, agent_of: AgentOf, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        with RasaServer() as server:
            url = server.url
        error, _ = ask_in_vain(agent_of(url, params={"token": "t0ken-value"}), WORDS)
        said = "".join(traceback.format_exception(error)) + caplog.text
        assert not [secret for secret in SECRETS if secret in said]


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


class DrippingServer:
    """Says `head`, then a byte now and then; ends with its connection."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, contextlib.suppress(ConnectionError):
            connection.recv(65_536)
            connection.sendall(self._head)
            while not self._done.wait(0.02):
                connection.sendall(b" ")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in Rasa")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
