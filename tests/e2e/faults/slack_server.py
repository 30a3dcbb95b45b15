"""Slack, which the conversation worker calls itself: its users, and a server that records."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

import requests
from slack_sdk.signature import SignatureVerifier

from tests.servers.recording_server import Answer, Recorded, recording_server

_SECRET = "s" * 32
_JSON = {"content-type": "application/json; charset=utf-8"}


class Message(NamedTuple):
    """A `chat.postMessage` that arrived; `at` is in seconds of `time.monotonic`."""

    conversation: str
    text: str
    at: float


type Behaviour = Callable[[Message], Answer]

TAKEN: tuple[int, bytes, dict[str, str]] = (200, b'{"ok": true, "ts": "1767225600.000100"}', _JSON)


def take(message: Message) -> Answer:
    """Take a message."""
    return TAKEN


class Slack:
    """Answers by `behaviour`; `arrived` holds all messages, `taken` those that it took."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = take
        self.arrived: list[Message] = []
        self.taken: list[Message] = []
        self._changed = threading.Condition()
        self._stack = ExitStack()
        self._url = self._stack.enter_context(recording_server(self._respond)).url

    def close(self) -> None:
        """Stop."""
        self._stack.close()

    @property
    def credentials(self) -> dict[str, Any]:
        """The channel's section of credentials.yml."""
        return {
            "slack_token": "xoxb-made-up",
            "slack_signing_secret": _SECRET,
            "api_base": f"{self._url}/api/",
        }

    def received(self, prefix: str) -> dict[str, list[str]]:
        """The texts taken for each conversation whose name starts with `prefix`, in their order."""
        received: dict[str, list[str]] = {}
        with self._changed:
            for message in self.taken:
                if message.conversation.startswith(prefix):
                    received.setdefault(message.conversation, []).append(message.text)
        return received

    def wait_for(self, count: int, within: float) -> bool:
        """Wait until `count` messages were taken; False when time is over (seconds)."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.taken) >= count, within)

    def _respond(self, request: Recorded) -> Answer:
        body = request.json
        message = Message(body["channel"], body["text"], time.monotonic())
        with self._changed:
            self.arrived.append(message)
        answer = self.behaviour(message)
        if answer == TAKEN:
            with self._changed:
                self.taken.append(message)
                self._changed.notify_all()
        return answer


def say(http_url: str, conversation: str, number: int, text: str) -> None:
    """A user's direct message; AssertionError unless the webhook takes it."""
    event = {
        "type": "message",
        "channel": conversation,
        "channel_type": "im",
        "user": f"U{conversation}",
        "text": text,
        "ts": f"17672255{number:02}.000100",
    }
    body = json.dumps(
        {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": f"Ev{conversation}{number}",
            "event": event,
        }
    )
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(_SECRET).generate_signature(timestamp=timestamp, body=body)
    headers = {**_JSON, "x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
    answer = requests.post(
        f"{http_url}/webhooks/slack/webhook", data=body, headers=headers, timeout=60
    )
    assert answer.status_code == 200, answer.text
