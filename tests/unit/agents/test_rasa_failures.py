"""The Rasa agent and answers that are none; what its errors and logs say, and do not say.

Time limits here end a wait that would never end; nothing is measured.
"""

from __future__ import annotations

import gzip
import logging
import traceback
from base64 import b64encode

import pytest

from channels.agents.rasa import RasaAgent
from channels.errors import AgentError, AgentTimeout, AgentUnavailable
from tests.servers.rasa_script import (
    Answer,
    Cut,
    Fail,
    Hang,
    Raw,
    Reply,
    Reset,
    Step,
    Wait,
)
from tests.servers.rasa_server import RasaServer
from tests.unit.agents.turns import (
    ITEMS,
    AgentOf,
    Serve,
    ask,
    ask_in_vain,
)

WORDS = "my private words"

SECRETS = ("t0ken-value", "passw0rd", "s3cret-header", b64encode(b"u:passw0rd").decode(), WORDS)


class TestBrokenAnswer:
    @pytest.mark.parametrize(
        ("steps", "cause"),
        [
            ([Raw(b'{"text": \n')], "line 3"),
            ([Raw(b'{"text": "cut off')], "line 3"),
            ([Raw(b'"only a string"\n')], "line 3 is not a JSON object"),
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
        ("status", "kind"),
        [
            (302, AgentUnavailable),
            (400, AgentError),
            (401, AgentUnavailable),
            (404, AgentUnavailable),
            (413, AgentError),
            (429, AgentUnavailable),
            (500, AgentError),
            (502, AgentUnavailable),
            (503, AgentUnavailable),
            (504, AgentTimeout),
        ],
    )
    def test_a_status_says_something_of_the_message_or_of_the_server(
        self, serve: Serve, agent_of: AgentOf, status: int, kind: type[AgentError]
    ) -> None:
        error, _ = ask_in_vain(agent_of(serve(Reply(status, b""))))
        assert type(error) is kind

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
