"""A conversation on each platform, through the deployed stack, with a stand-in of the platform.

The platform's server takes real HTTP, is wired in with `api_base`, and records what arrives.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
import requests
import yaml

from channels.slack.signature import SignatureVerifier
from tests.recording_server import Answer, Recorded, RecordingServer, recording_server

SECRET = "s" * 32
JSON = {"content-type": "application/json"}


class Platform:
    """What one platform's users do, and what its server answers."""

    name: ClassVar[str]
    #: Most characters of one text.
    longest: ClassVar[int]

    def credentials(self, url: str) -> dict[str, Any]:
        raise NotImplementedError

    def message(self, text: str, number: int) -> tuple[bytes, dict[str, str]]:
        """A user's message: body and headers."""
        raise NotImplementedError

    def click(self, payload: str, number: int) -> tuple[bytes, dict[str, str]]:
        """A click on a button."""
        raise NotImplementedError

    def taken(self, number: int) -> Answer:
        """What the platform says to a message it takes."""
        raise NotImplementedError

    def limited(self) -> Answer:
        """What it says to one too many."""
        return 429, b"{}", {**JSON, "retry-after": "1"}

    def texts(self, request: Recorded) -> list[str]:
        """The texts of a call that posts a message."""
        body = request.json
        return [body["text"]] if "text" in body else []


class Slack(Platform):
    name = "slack"
    longest = 4000

    def credentials(self, url):
        return {
            "slack_token": "xoxb-made-up",
            "slack_signing_secret": SECRET,
            "api_base": f"{url}/api/",
        }

    def _signed(self, body, content_type):
        timestamp = str(int(time.time()))
        signature = SignatureVerifier(SECRET).sign(body, timestamp)
        return body, {
            "content-type": content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature,
        }

    def message(self, text, number):
        event = {
            "type": "message",
            "channel": "D0AAAAAAA",
            "channel_type": "im",
            "user": "U0ALICE00",
            "text": text,
            "ts": f"17672255{number:02}.000100",
        }
        body = {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": f"Ev{number}",
            "event": event,
        }
        return self._signed(json.dumps(body).encode(), "application/json; charset=utf-8")

    def click(self, payload, number):
        interaction = {
            "type": "block_actions",
            "user": {"id": "U0ALICE00"},
            "team": {"id": "T1"},
            "channel": {"id": "D0AAAAAAA"},
            "message": {"ts": "1767225600.000900"},
            "actions": [
                {
                    "type": "button",
                    "action_id": "rasa_0",
                    "value": payload,
                    "action_ts": f"17672256{number:02}.1",
                }
            ],
        }
        form = urlencode({"payload": json.dumps(interaction)}).encode()
        return self._signed(form, "application/x-www-form-urlencoded")

    def taken(self, number):
        return 200, json.dumps({"ok": True, "ts": f"{number}.1"}).encode(), JSON


class Facebook(Platform):
    name = "facebook"
    longest = 2000

    def credentials(self, url):
        return {
            "verify": "made-up",
            "secret": SECRET,
            "page-access-token": "EAAG-made-up",
            "api_base": url,
        }

    def _signed(self, event):
        entry = {"id": "PAGE", "messaging": [{"sender": {"id": "PSID"}, **event}]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        digest = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        return body, {**JSON, "x-hub-signature-256": f"sha256={digest}"}

    def message(self, text, number):
        return self._signed(
            {"recipient": {"id": "PAGE"}, "message": {"mid": f"m{number}", "text": text}}
        )

    def click(self, payload, number):
        postback = {"mid": f"p{number}", "title": "T", "payload": payload}
        return self._signed({"recipient": {"id": "PAGE"}, "postback": postback})

    def taken(self, number):
        return 200, json.dumps({"recipient_id": "PSID", "message_id": f"o{number}"}).encode(), JSON

    def limited(self):
        error = {"error": {"message": "too many", "code": 613}}
        return 400, json.dumps(error).encode(), JSON

    def texts(self, request):
        message = request.json.get("message") or {}
        template = ((message.get("attachment") or {}).get("payload") or {}).get("text")
        return [text for text in (message.get("text"), template) if text]


class Telegram(Platform):
    name = "telegram"
    longest = 4096

    def credentials(self, url):
        return {
            "access_token": "42:made-up",
            "verify": "rasa_bot",
            "webhook_url": "https://example.com",
            "secret_token": SECRET,
            "api_base": url,
        }

    def _signed(self, update):
        return json.dumps(update).encode(), {**JSON, "x-telegram-bot-api-secret-token": SECRET}

    _chat: ClassVar[dict[str, Any]] = {"id": 4242, "type": "private", "first_name": "Ann"}
    _user: ClassVar[dict[str, Any]] = {"id": 4242, "is_bot": False, "first_name": "Ann"}

    def message(self, text, number):
        message = {
            "message_id": number,
            "from": self._user,
            "chat": self._chat,
            "date": 1767225600,
            "text": text,
        }
        return self._signed({"update_id": 900 + number, "message": message})

    def click(self, payload, number):
        query = {
            "id": str(number),
            "from": self._user,
            "message": {"message_id": 1, "chat": self._chat, "date": 1767225600, "text": "Pick"},
            "chat_instance": "1",
            "data": payload,
        }
        return self._signed({"update_id": 900 + number, "callback_query": query})

    def taken(self, number):
        result = {"ok": True, "result": {"message_id": number}}
        return 200, json.dumps(result).encode(), JSON

    def limited(self):
        error = {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
        return 429, json.dumps(error).encode(), JSON


PLATFORMS = [Slack(), Facebook(), Telegram()]


class Chat:
    """One platform's user and server, and the stack between them."""

    def __init__(self, platform: Platform, server: RecordingServer) -> None:
        self.platform = platform
        self.server = server
        self.http_url = ""
        self.refuse: set[str] = set()
        self.taken: list[Recorded] = []
        server.respond = self._respond

    def _respond(self, request: Recorded) -> Answer:
        body = request.body.decode()
        for text in [text for text in self.refuse if text in body]:
            self.refuse.discard(text)
            return self.platform.limited()
        self.taken.append(request)
        return self.platform.taken(len(self.taken))

    def post(self, parts: tuple[bytes, dict[str, str]], times: int = 1) -> None:
        body, headers = parts
        url = f"{self.http_url}/webhooks/{self.platform.name}/webhook"
        for _ in range(times):
            answer = requests.post(url, data=body, headers=headers, timeout=30)
            assert answer.status_code == 200, answer.text

    def arrived(self, text: str) -> int:
        """How often a text arrived in calls that the platform took."""
        return sum(text in request.body.decode() for request in self.taken)

    def wait_for(self, text: str) -> None:
        _until(lambda: self.arrived(text) > 0, f"{text!r} on {self.platform.name}")


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def chats(new_local_run, tmp_path_factory) -> Iterator[dict[str, Chat]]:
    """All platforms on one stack."""
    run = new_local_run()
    with (
        recording_server(lambda _: None) as slack,
        recording_server(lambda _: None) as facebook,
        recording_server(lambda _: None) as telegram,
    ):
        servers = {"slack": slack, "facebook": facebook, "telegram": telegram}
        made = {each.name: Chat(each, servers[each.name]) for each in PLATFORMS}
        sections = {name: chat.platform.credentials(chat.server.url) for name, chat in made.items()}
        path = tmp_path_factory.mktemp("credentials") / "credentials.yml"
        path.write_text(yaml.safe_dump({"rest": None, **sections}), encoding="utf-8")
        stack = run.up(CREDENTIALS=str(path))
        for chat in made.values():
            chat.http_url = stack.http_url
        yield made
        run.down()


@pytest.fixture(params=[platform.name for platform in PLATFORMS])
def chat(request, chats) -> Chat:
    return chats[request.param]


def test_a_conversation(chat):
    say, click = chat.platform.message, chat.platform.click
    chat.post(say("hi", 1))
    chat.wait_for("How are you?")
    chat.wait_for("/mood_unhappy")
    chat.post(click("/mood_unhappy", 2))
    chat.wait_for("imgur.com/nGF1K8f.jpg")
    chat.wait_for("Did that help you?")
    order = [request.body.decode() for request in chat.taken]
    places = [
        next(place for place, body in enumerate(order) if text in body)
        for text in ("How are you?", "cheer you up", "nGF1K8f.jpg", "Did that help you?")
    ]
    assert places == sorted(places)


def test_a_long_text_arrives_whole_within_the_platforms_limit(chat):
    chat.post(chat.platform.message("/long", 3))
    chat.wait_for("Paragraph 6 of six")
    assert [chat.arrived(f"Paragraph {number} of six") for number in range(1, 7)] == [1] * 6
    for request in chat.taken:
        if request.body.startswith(b"{"):
            assert all(len(text) <= chat.platform.longest for text in chat.platform.texts(request))


def test_what_the_platform_sends_five_times_is_answered_once(chat):
    chat.post(chat.platform.message("bye", 4), times=5)
    chat.wait_for("Bye")
    chat.post(chat.platform.message("are you a bot?", 5))
    chat.wait_for("I am a bot.")
    assert chat.arrived("Bye") == 1


def test_a_rate_limit_is_waited_for_and_nothing_is_lost_or_doubled(chat):
    chat.refuse.add("You said: ping")
    chat.post(chat.platform.message("ping", 6))
    chat.wait_for("Say hi, or help")
    assert chat.refuse == set()
    assert chat.arrived("You said: ping") == 1


def test_what_is_not_signed_is_refused(chat):
    body, headers = chat.platform.message("hi", 7)
    kept = {name: value for name, value in headers.items() if not name.startswith("x-")}
    url = f"{chat.http_url}/webhooks/{chat.platform.name}/webhook"
    before = len(chat.server.requests)
    assert requests.post(url, data=body, headers=kept, timeout=30).status_code in (401, 403)
    chat.post(chat.platform.message("no", 8))
    chat.wait_for("It will be better tomorrow")
    said = [request.body.decode() for request in chat.server.requests[before:]]
    assert not any("How are you?" in text for text in said)
