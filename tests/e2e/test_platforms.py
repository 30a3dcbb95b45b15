"""A conversation on each platform, through the deployed stack, with a stand-in of the platform.

The platform's server takes real HTTP, is wired in with `api_base`, and records what arrives.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests
import yaml

from tests.e2e.platforms.facebook import Facebook
from tests.e2e.platforms.platform import PUBLIC_BASE_URL, Platform, Posted
from tests.e2e.platforms.slack import Slack
from tests.e2e.platforms.telegram import Telegram
from tests.recording_server import Answer, Recorded, RecordingServer, recording_server

PLATFORMS = {platform.name: platform for platform in (Facebook(), Slack(), Telegram())}


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
        content = self.platform.content(request)
        for text in [text for text in self.refuse if text in content]:
            self.refuse.discard(text)
            return self.platform.limited()
        self.taken.append(request)
        return self.platform.answer(request, len(self.taken))

    def post(self, parts: Posted, times: int = 1) -> None:
        body, headers = parts
        url = f"{self.http_url}/webhooks/{self.platform.name}/webhook"
        for _ in range(times):
            answer = requests.post(url, data=body, headers=headers, timeout=30)
            assert answer.status_code == 200, answer.text

    def arrived(self, text: str) -> int:
        """How often a text arrived in calls that the platform took."""
        return sum(text in self.platform.content(request) for request in self.taken)

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
    with ExitStack() as servers:
        made = {
            name: Chat(platform, servers.enter_context(recording_server(lambda _: None)))
            for name, platform in PLATFORMS.items()
        }
        sections = {name: chat.platform.credentials(chat.server.url) for name, chat in made.items()}
        path = tmp_path_factory.mktemp("credentials") / "credentials.yml"
        path.write_text(yaml.safe_dump({"rest": None, **sections}), encoding="utf-8")
        stack = run.up(CREDENTIALS=str(path), PARAMETERS=f"PublicBaseUrl={PUBLIC_BASE_URL}")
        for chat in made.values():
            chat.http_url = stack.http_url
        yield made
        run.down()


@pytest.fixture(params=list(PLATFORMS))
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
    order = [chat.platform.content(request) for request in chat.taken]
    places = [
        next(place for place, body in enumerate(order) if text in body)
        for text in ("How are you?", "cheer you up", "nGF1K8f.jpg", "Did that help you?")
    ]
    assert places == sorted(places)


def test_a_long_text_arrives_whole_within_the_platforms_limit(chat):
    chat.post(chat.platform.message("/long", 3))
    chat.wait_for("Paragraph 6 of six")
    assert [chat.arrived(f"Paragraph {number} of six") for number in range(1, 7)] == [1] * 6
    texts = [text for request in chat.taken for text in chat.platform.texts(request)]
    assert texts
    assert all(len(text) <= chat.platform.longest for text in texts)


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
    body, headers = chat.platform.unsigned("hi", 7)
    url = f"{chat.http_url}/webhooks/{chat.platform.name}/webhook"
    before = len(chat.server.requests)
    assert requests.post(url, data=body, headers=headers, timeout=30).status_code in (401, 403)
    chat.post(chat.platform.message("no", 8))
    chat.wait_for("It will be better tomorrow")
    said = [chat.platform.content(request) for request in chat.server.requests[before:]]
    assert not any("How are you?" in text for text in said)
