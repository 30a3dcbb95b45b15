"""The command: its settings, the conversation, and a whole run from a pipe."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ops import ROOT
from ops.failure import Failure
from ops.shell import command as shell
from ops.shell.client import TIMEOUT_VARIABLE
from ops.shell.messages import AnswerError
from ops.stack.stack_file import StackFile
from tests.unit.ops.shell.shell_server import Answer, Server, lines, serving

CHOICE = {
    "text": "Sure?",
    "buttons": [
        {"title": "yes", "payload": "/affirm"},
        {"type": "web_url", "title": "Help", "url": "https://x.test/help"},
    ],
}
ANSWERS = {
    "hi": Answer(lines({"text": "Hello\x1b[2J"}, CHOICE, {"image": "https://x.test/a.png"})),
    "/affirm": Answer(lines({"custom": {"ok": True}})),
    "nothing": Answer(),
    "fail": Answer(
        lines(
            {"text": "so far"},
            {"error": {"status": 502, "description": "Bad Gateway", "message": "gave up"}},
        )
    ),
}


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    shell.add_parser(parser.add_subparsers())
    return parser.parse_args(["shell", *arguments])


def run(
    conversation: str, server: Server | None, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`ops shell` as a script runs it, with nothing of this process's settings."""
    url = ["--url", server.url] if server else []
    return subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-m", "ops", "shell", *url, *arguments],
        input=conversation,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONUTF8": "1", **environment},
        check=False,
        timeout=60,
    )


def test_a_conversation_from_a_pipe() -> None:
    with serving(ANSWERS.__getitem__) as server:
        done = run("\nhi\n2\n1\nfail\nnothing\n/stop\nunsent\n", server, "--sender", "me")

    assert done.stdout.splitlines() == [
        "Hello",
        "Sure?",
        "Buttons:",
        "1: yes (/affirm)",
        "2: Help: https://x.test/help",
        "Image: https://x.test/a.png",
        "Link: https://x.test/help",
        "Custom json:",
        "{",
        '  "ok": true',
        "}",
        "so far",
    ]
    assert done.stderr.splitlines() == [
        f"Talking to {server.url}/webhooks/rest/webhook (go on later with --sender me)",
        "The assistant failed: 502 Bad Gateway: gave up",
        "(no message)",
    ]
    assert done.returncode == 1
    assert [request.body["message"] for request in server.received] == [
        "hi",
        "/affirm",
        "fail",
        "nothing",
    ]
    assert {request.body["sender"] for request in server.received} == {"me"}


def test_without_failures_the_exit_status_is_0_and_each_run_is_a_new_conversation() -> None:
    with serving(ANSWERS.__getitem__) as server:
        runs = [run("hi\n", server), run("hi\n", server)]

    first, second = (request.body["sender"] for request in server.received)
    assert [done.returncode for done in runs] == [0, 0]
    assert first != second
    assert f"--sender {first}" in runs[0].stderr
    assert len(first) == 32
    assert int(first, 16)


def test_json_gives_each_message_as_it_came() -> None:
    with serving(ANSWERS.__getitem__) as server:
        done = run("hi\n", server, "--json")

    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"text": "Hello\x1b[2J"},
        CHOICE,
        {"image": "https://x.test/a.png"},
    ]


def test_the_token_of_the_environment_is_sent_and_never_shown() -> None:
    with serving(lambda _: Answer(status=401)) as server:
        done = run("hi\n", server, CHANNELS_TOKEN="s3cret")

    assert server.received[0].headers["authorization"] == "Bearer s3cret"
    assert "the token was refused" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_a_proxy_for_the_internet_is_not_asked_for_this_machine() -> None:
    with serving(ANSWERS.__getitem__) as server:
        done = run("hi\n", server, HTTP_PROXY="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1")

    assert (done.stdout[:6], done.returncode) == ("Hello\n", 0)


def test_a_terminal_that_knows_no_emoji_does_not_end_the_shell() -> None:
    with serving(lambda _: Answer(lines({"text": "Hi \U0001f642"}))) as server:
        done = run("hi\n", server, PYTHONUTF8="0", PYTHONIOENCODING="latin-1")

    assert (done.stdout, done.returncode) == ("Hi ?\n", 0)


def test_without_a_stack_the_mend_is_told(tmp_path: Path) -> None:
    done = run("hi\n", None, LOCAL_DIR=str(tmp_path))

    assert done.returncode == 1
    assert "No local stack is running" in done.stdout + done.stderr
    assert "make up" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("rule", "option", "environ", "expected"),
    [
        ("the option wins", "http://o", {"URL": "http://e"}, "http://o"),
        ("then make's URL=", None, {"URL": "http://e"}, "http://e"),
        ("an empty URL is none", None, {"URL": ""}, "http://127.0.0.1:4566/base"),
        ("then the local stack", None, {}, "http://127.0.0.1:4566/base"),
    ],
)
def test_the_address(
    rule: str, option: str | None, environ: Mapping[str, str], expected: str, tmp_path: Path
) -> None:
    stack = StackFile(
        "http://127.0.0.1:4566/base", None, None, "http://127.0.0.1:4566", "s", None, {}
    )
    stack.write(tmp_path)

    assert shell.find_url(option, {"LOCAL_DIR": str(tmp_path), **environ}) == expected, rule


@pytest.mark.parametrize(
    ("rule", "option", "environ", "expected"),
    [
        ("30 s where Rasa has 10", None, {}, 30),
        ("Rasa's environment variable", None, {TIMEOUT_VARIABLE: "90"}, 90),
        ("the option wins", 5.0, {TIMEOUT_VARIABLE: "90"}, 5),
        ("an empty variable is none", None, {TIMEOUT_VARIABLE: ""}, 30),
    ],
)
def test_the_timeout(
    rule: str, option: float | None, environ: Mapping[str, str], expected: float
) -> None:
    assert shell.find_timeout(option, environ) == expected, rule


@pytest.mark.parametrize("value", ["ten", "0", "-1", "nan", "inf"])
def test_a_timeout_that_is_none_is_refused(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Failure, match=TIMEOUT_VARIABLE):
        shell.find_timeout(None, {TIMEOUT_VARIABLE: value})
    with pytest.raises(SystemExit):
        parse(f"--request-timeout={value}")

    assert "is not a number of seconds above 0" in capsys.readouterr().err


def test_the_options() -> None:
    args = parse("--url", "http://x", "--token", "t", "--sender", "s", "--request-timeout", "2.5")

    assert (args.url, args.token, args.sender, args.request_timeout) == ("http://x", "t", "s", 2.5)
    assert (args.no_stream, args.json, args.run) == (False, False, shell.run)


class ScriptedClient:
    """Answers of which one may be an error, without a network."""

    def __init__(self, answers: dict[str, list[Any]]) -> None:
        self.answers = answers
        self.sent: list[str] = []

    def send(self, text: str) -> Iterator[dict[str, Any]]:
        self.sent.append(text)
        for item in self.answers[text]:
            if isinstance(item, AnswerError):
                raise item
            yield item


@pytest.mark.parametrize(
    ("rule", "answer", "expected"),
    [
        ("the buttons of an answer are gone after the next", [{"text": "t"}], "1"),
        ("an empty answer leaves them", [], "/affirm"),
        ("a failure leaves them, to try again", [AnswerError("down")], "/affirm"),
        ("a failure after a message does not", [{"text": "t"}, AnswerError("down")], "1"),
    ],
)
def test_how_long_buttons_are_on_offer(rule: str, answer: list[Any], expected: str) -> None:
    client = ScriptedClient({"hi": [CHOICE], "next": answer, "1": [], "/affirm": []})
    typed = io.StringIO("hi\nnext\n1\n")
    console = shell.LineProtocol(typed, io.StringIO(), io.StringIO(), lambda _: [])

    shell.converse(client, console)

    assert client.sent[-1] == expected, rule
