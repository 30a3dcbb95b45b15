"""A Rasa server with the remote channel behind the whole stack: nothing is lost on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ops.stack.stack_file import StackFile
from tests.e2e.agents.conftest import AgentStack
from tests.e2e.conftest import free_port
from tests.servers.recording_server import RecordingServer
from tests.servers.remote_server import ALL_KINDS, STREAMED, remote_server

TOKEN = "a-token-between-the-channels-and-rasa"


@pytest.fixture(scope="module")
def rasa() -> Iterator[str]:
    """The Rasa server's side: Sanic with the channel's own file, a bot in Rasa's place."""
    with remote_server(free_port(), token=TOKEN, pro=True) as url:
        yield url


@pytest.fixture(scope="module")
def stack(rasa: str, agents: AgentStack) -> Iterator[StackFile]:
    """The stack, which asks that server."""
    with agents.agent(
        {"remote_token": TOKEN, "tracker_state": True}, AGENT="", RASA_URL=rasa
    ) as it:
        yield it


def say(stack: StackFile, message: str, query: str = "", **parts: Any) -> requests.Response:
    body = {"sender": "me", "message": message, **parts}
    return requests.post(f"{stack.http_url}/webhooks/rest/webhook{query}", json=body, timeout=30)


def without_recipient(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert {message.pop("recipient_id") for message in messages} == {"me"}
    return messages


def test_the_bot_hears_the_channel_and_picks_its_variation(stack: StackFile, rasa: str) -> None:
    slack = say(stack, "hi you", input_channel="slack", metadata={"a": 1}).json()
    other = say(stack, "hi all").json()
    assert without_recipient(slack) == [{"custom": {"blocks": [{"type": "section"}]}}]
    assert [message["text"] for message in other] == ["Hey!"]
    asked = {each["text"]: each for each in requests.get(f"{rasa}/asked", timeout=30).json()}
    assert asked["hi you"]["metadata"] == {"a": 1}
    assert asked["hi all"]["channel"] == "rest"


def test_chunks_come_through_when_asked_for_and_the_text_once_otherwise(stack: StackFile) -> None:
    lines = [json.loads(line) for line in say(stack, "stream", "?stream=chunks").text.splitlines()]
    whole = "".join(STREAMED)
    assert [line.get("chunk", line.get("text")) for line in lines] == [
        None,
        *STREAMED,
        None,
        whole,
    ]
    assert lines[-1]["streamed"] is True
    assert without_recipient(say(stack, "stream").json()) == [{"text": whole}]


def test_a_broken_turn_is_said_to_be(stack: StackFile) -> None:
    answer = say(stack, "fail")
    assert answer.status_code == 502
    assert answer.json()["messages"] == [{"recipient_id": "me", "text": "before"}]
    assert "secret" not in answer.text


def test_the_worker_brings_every_kind_of_message(
    stack: StackFile, receiver: RecordingServer, rasa: str
) -> None:
    body = {"sender": "me", "message": "kinds", "message_id": "kinds-1"}
    answer = requests.post(f"{stack.http_url}/webhooks/callback/webhook", json=body, timeout=30)
    assert (answer.status_code, answer.text) == (200, "success")
    end = time.monotonic() + 60
    while len(receiver.requests) < 5 and time.monotonic() < end:
        time.sleep(0.1)
    assert without_recipient([request.json for request in receiver.requests]) == [
        {"text": ALL_KINDS["text"], "buttons": ALL_KINDS["quick_replies"]},
        {"custom": ALL_KINDS["custom"]},
        {"image": ALL_KINDS["image"]},
        {"attachment": ALL_KINDS["attachment"]},
        {"text": "card : ", "buttons": []},
    ]
    asked = requests.get(f"{rasa}/asked", timeout=30).json()
    assert [each["message_id"] for each in asked if each["text"] == "kinds"] == ["kinds-1"]


def test_the_folder_is_what_users_copy(rasa: str) -> None:
    folder = Path(__file__).parents[3] / "integrations" / "rasa_server"
    assert {path.name for path in folder.iterdir()} - {"__pycache__"} == {
        "README.md",
        "remote_channel.py",
    }
