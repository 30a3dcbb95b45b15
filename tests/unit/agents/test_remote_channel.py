"""integrations/rasa_server/remote_channel.py in a real Sanic server, with a bot in Rasa's place."""

from __future__ import annotations

import ast
import asyncio
import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from channels.agents.rasa import RasaAgent
from channels.channel import CollectingOutputChannel, UserMessage
from channels.clients.http_pool import HttpPool
from channels.errors import AgentError, AgentUnavailable
from channels.turns.buffered_output import BufferedOutput
from tests.servers.remote_server import ALL_KINDS, CHANNEL, GREETINGS, STREAMED, remote_server

TOKEN = "a-token-for-these-tests"
NUMBERS = itertools.count()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def pro() -> Iterator[str]:
    """A server with the classes of Rasa Pro."""
    with remote_server(free_port(), token=TOKEN, pro=True) as url:
        yield url


@pytest.fixture(scope="module")
def rasa() -> Iterator[str]:
    """A server with the classes of Rasa 3.6, open to everybody."""
    with remote_server(free_port(), allow_unsigned=True) as url:
        yield url


def post(url: str, body: Any, token: str = TOKEN, **options: Any) -> requests.Response:
    return requests.post(
        f"{url}/webhooks/remote/webhook",
        data=body if isinstance(body, str | bytes) else json.dumps(body),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        timeout=20,
        **options,
    )


def say(url: str, message: str, **parts: Any) -> list[dict[str, Any]]:
    """The lines of a turn."""
    answer = post(url, {"sender": "U1", "message": message, **parts})
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def told(url: str, message: str) -> dict[str, Any]:
    """What the bot was asked with a text."""
    asked = requests.get(f"{url}/asked", timeout=20).json()
    found: dict[str, Any] = next(each for each in reversed(asked) if each["text"] == message)
    return found


class TestAccess:
    @pytest.mark.parametrize("path", ["/webhooks/remote", "/webhooks/remote/"])
    def test_health_says_what_this_is_and_whether_the_token_is_known(
        self, pro: str, path: str
    ) -> None:
        answers = [
            requests.get(pro + path, headers=headers, timeout=20).json()
            for headers in ({}, {"Authorization": f"Bearer {TOKEN}"}, {"Authorization": "Bearer x"})
        ]
        assert [answer["authorized"] for answer in answers] == [False, True, False]
        assert {(answer["status"], answer["protocol"]) for answer in answers} == {("ok", 1)}

    @pytest.mark.parametrize(
        "authorization",
        [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \xff"],
    )
    def test_without_the_token_no_turn_is_run(self, pro: str, authorization: str | None) -> None:
        text = f"hi {next(NUMBERS)}"
        answer = requests.post(
            f"{pro}/webhooks/remote/webhook",
            json={"message": text},
            headers={"Authorization": authorization} if authorization is not None else {},
            timeout=20,
        )
        assert answer.status_code == 401
        assert answer.json()["status"] == 401
        with pytest.raises(StopIteration):
            told(pro, text)

    def test_it_can_be_opened_on_purpose(self, rasa: str) -> None:
        assert say(rasa, "hi", token="")[-1] == {"type": "end"}

    @pytest.mark.parametrize(
        ("section", "problem"),
        [
            ({}, "set 'token'"),
            ({"token": ""}, "set 'token'"),
            ({"token": 5}, "set 'token'"),
            ({"allow_unsigned": "true"}, "set 'token'"),
            ({"tokens": "a"}, "'tokens' is not a setting"),
        ],
    )
    def test_credentials_that_protect_nothing_end_the_server(
        self, section: dict[str, Any], problem: str
    ) -> None:
        code = (
            "import json, sys, tests.rasa_classes as c; c.install(); import remote_channel as r\n"
            "try: r.RemoteInput.from_credentials(json.loads(sys.argv[1]))\n"
            "except c.InvalidConfigException as error: print(error)"
        )
        done = subprocess.run(  # noqa: S603 - this interpreter, a fixed program
            [sys.executable, "-c", code, json.dumps(section)],
            env={"PYTHONPATH": f"{CHANNEL.parents[2]}:{CHANNEL.parent}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert problem in done.stdout


class TestRequest:
    def test_the_bot_hears_all_that_is_known_of_a_message(self, pro: str) -> None:
        say(
            pro,
            "hi there",
            input_channel="telegram",
            message_id="17",
            metadata={"a": [1, None]},
        )
        assert told(pro, "hi there") == {
            "text": "hi there",
            "sender": "U1",
            "channel": "telegram",
            "input_channel": "telegram",
            "message_id": "17",
            "metadata": {"a": [1, None]},
        }

    def test_what_is_left_out_has_rasa_s_defaults(self, pro: str) -> None:
        post(pro, {"message": "hi nobody"})
        heard = told(pro, "hi nobody")
        assert (heard["sender"], heard["channel"], heard["metadata"]) == ("default", "remote", None)
        assert len(heard["message_id"]) == 32

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ("[]", "must be a JSON object"),
            ("5", "must be a JSON object"),
            ("", "must be a JSON object"),
            ('{"message": 5}', "'message' must be a string"),
            ('{"sender": {}}', "'sender' must be a string"),
            ('{"input_channel": []}', "'input_channel' must be a string"),
            ('{"message_id": 1}', "'message_id' must be a string"),
            ('{"metadata": "m"}', "'metadata' must be an object"),
        ],
    )
    def test_what_is_no_message_is_refused(self, pro: str, body: str, problem: str) -> None:
        answer = post(pro, body)
        assert (answer.status_code, problem in answer.json()["message"]) == (400, True)

    def test_what_is_no_json_is_refused(self, pro: str) -> None:
        assert post(pro, "{").status_code == 400


class TestAnswer:
    @pytest.mark.parametrize(
        ("channel", "expected"),
        [
            ("slack", {"custom": GREETINGS["slack"]["custom"]}),
            ("telegram", {"text": "Hey!", "buttons": GREETINGS[None]["buttons"]}),
        ],
    )
    def test_responses_have_their_variations_by_channel(
        self, rasa: str, channel: str, expected: dict[str, Any]
    ) -> None:
        assert say(rasa, "hi", input_channel=channel) == [
            {**expected, "recipient_id": "U1"},
            {"type": "end"},
        ]

    def test_a_message_passes_whole_with_all_its_kinds(self, rasa: str) -> None:
        assert say(rasa, "kinds") == [{**ALL_KINDS, "recipient_id": "U1"}, {"type": "end"}]

    def test_each_method_of_an_output_channel_says_its_kind(self, rasa: str) -> None:
        *sent, end = say(rasa, "methods")
        assert end == {"type": "end"}
        assert [{k: v for k, v in each.items() if k != "recipient_id"} for each in sent] == [
            {"text": "t", "timestamp": 1},
            {"image": "i"},
            {"attachment": "f"},
            {"text": "b", "buttons": [{"title": "x"}]},
            {"text": "q", "quick_replies": [{"title": "y"}]},
            {"elements": [{"title": "e"}]},
            {"custom": {"c": 1}},
        ]

    def test_a_turn_without_messages_has_its_end(self, rasa: str) -> None:
        assert say(rasa, "nothing") == [{"type": "end"}]

    def test_a_streamed_answer_comes_in_chunks_and_then_whole(self, rasa: str) -> None:
        assert [line.get("type") or line["text"] for line in say(rasa, "stream")] == [
            "stream_start",
            *["stream_chunk"] * len(STREAMED),
            "stream_end",
            "".join(STREAMED),
            "end",
        ]

    @pytest.mark.parametrize("asks", [True, False])
    def test_tracker_state_comes_before_the_messages_when_asked_for(
        self, pro: str, asks: bool
    ) -> None:
        first = say(pro, "hi", tracker_state=asks)[0]
        assert (first.get("type") == "tracker_state") is asks
        assert not asks or first["tracker_state"]["verbosity"] == "AFTER_RESTART"

    def test_a_line_leaves_when_it_is_said(self, pro: str) -> None:
        with post(pro, {"sender": "W", "message": "wait"}, stream=True) as answer:
            lines = answer.iter_lines(chunk_size=1)
            assert json.loads(next(lines))["text"] == "first"
            say(pro, "go")
            assert [json.loads(line) for line in lines][-1] == {"type": "end"}


class TestBrokenTurn:
    @pytest.mark.parametrize(
        ("text", "status", "said"),
        [
            ("fail", 500, ["text"]),
            ("midstream", 500, ["type", "type"]),
            ("unready", 503, []),
            ("locked", 503, []),
        ],
    )
    def test_it_ends_with_an_error_after_what_was_said(
        self, rasa: str, text: str, status: int, said: list[str]
    ) -> None:
        *lines, last = say(rasa, text)
        assert [next(iter(line)) for line in lines] == said
        assert last["error"]["status"] == status
        assert "secret" not in json.dumps(last)


class TestRepeatedMessage:
    def test_it_is_answered_from_memory(self, rasa: str) -> None:
        text = f"hi {next(NUMBERS)}"
        assert say(rasa, text, message_id="a") == say(rasa, text, message_id="a")
        assert self._times_asked(rasa, text) == 1

    def test_it_joins_the_turn_that_still_runs(self) -> None:
        with remote_server(free_port(), allow_unsigned=True) as url:
            parts = {"sender": "U1", "message": "wait", "message_id": "b"}
            with post(url, parts, stream=True) as gone:
                assert next(gone.iter_lines(chunk_size=1))
            with post(url, parts, stream=True) as again:
                lines = again.iter_lines(chunk_size=1)
                first = next(lines)
                say(url, "go")
                rest = list(lines)
            texts = [json.loads(line).get("text") for line in [first, *rest]]
            assert texts == ["first", "second", None]
            assert self._times_asked(url, "wait") == 1

    @pytest.mark.parametrize(
        ("text", "ids"), [("fail", ["c", "c"]), ("hi you", ["d", "e"]), ("hi all", [None, None])]
    )
    def test_failed_turns_other_ids_and_none_are_asked_again(
        self, rasa: str, text: str, ids: list[Any]
    ) -> None:
        before = self._times_asked(rasa, text)
        for message_id in ids:
            say(rasa, text, message_id=message_id)
        assert self._times_asked(rasa, text) == before + 2

    def test_ids_are_each_conversation_s_own(self, rasa: str) -> None:
        text = f"hi {next(NUMBERS)}"
        for sender in ("U1", "U2"):
            say(rasa, text, message_id="f", sender=sender)
        assert self._times_asked(rasa, text) == 2

    @staticmethod
    def _times_asked(url: str, text: str) -> int:
        asked = requests.get(f"{url}/asked", timeout=20).json()
        return sum(each["text"] == text for each in asked)


class TestWithTheAgent:
    @pytest.fixture
    def agent(self, pro: str) -> Iterator[RasaAgent]:
        connections = HttpPool()
        yield RasaAgent(
            pro,
            remote=None,
            remote_token=TOKEN,
            tracker_state=True,
            timeout=20,
            connections=connections,
        )
        connections.close()

    def test_nothing_is_lost_between_rasa_and_a_channel(self, agent: RasaAgent) -> None:
        live = CollectingOutputChannel()
        output = BufferedOutput(live)
        asyncio.run(agent.handle_message(UserMessage("kinds", output, "U1", input_channel="slack")))
        assert output.messages == [ALL_KINDS]
        assert live.tracker_state is not None

    @pytest.mark.parametrize(("text", "kind"), [("fail", AgentError), ("locked", AgentUnavailable)])
    def test_broken_turns_fail(self, agent: RasaAgent, text: str, kind: type[AgentError]) -> None:
        output = CollectingOutputChannel()
        with pytest.raises(AgentError) as raised:
            asyncio.run(agent.handle_message(UserMessage(text, output, "U1")))
        assert type(raised.value) is kind


def test_the_file_needs_rasa_sanic_and_the_standard_library_only() -> None:
    tree = ast.parse(Path(CHANNEL).read_text(encoding="utf-8"), feature_version=(3, 8))
    modules = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert modules - {"rasa", "sanic"} <= sys.stdlib_module_names
