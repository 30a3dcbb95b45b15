"""One platform's user and server, talking through the deployed stack."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

from tests.e2e.platforms.platform import Platform, Posted
from tests.servers.recording_server import Answer, Recorded, RecordingServer


class Chat:
    """A conversation on one platform; `refuse` has what a call with a text is answered, once."""

    def __init__(self, platform: Platform, server: RecordingServer, http_url: str) -> None:
        self.platform = platform
        self.server = server
        self.http_url = http_url
        self.refuse: dict[str, Answer] = {}
        self.taken: list[Recorded] = []
        server.respond = self._respond

    def _respond(self, request: Recorded) -> Answer:
        content = self.platform.content(request)
        for text in [text for text in self.refuse if text in content]:
            return self.refuse.pop(text)
        self.taken.append(request)
        return self.platform.respond(request, len(self.taken))

    def request(self, parts: Posted) -> requests.Response:
        """Post to the channel's webhook."""
        body, headers = parts
        url = f"{self.http_url}/webhooks/{self.platform.name}/webhook"
        return requests.post(url, data=body, headers=headers, timeout=30)

    def post(self, parts: Posted, times: int = 1) -> None:
        """Post what is taken."""
        for _ in range(times):
            answer = self.request(parts)
            assert answer.status_code == 200, answer.text

    def post_when_known(self, parts: Posted) -> requests.Response:
        """Post what is refused at first: its key is new, and keys are not fetched all the time."""
        end = time.monotonic() + 20
        while (answer := self.request(parts)).status_code in (401, 403):
            assert time.monotonic() < end, "the new key is not taken"
            time.sleep(0.5)
        assert answer.status_code == 200, answer.text
        return answer

    def say_unasked(self, recipient: str, text: str, token: str) -> None:
        """Let the bot say something by the conversations API."""
        answer = requests.post(
            f"{self.http_url}/conversations/{recipient}/messages",
            params={"output_channel": self.platform.name},
            json={"text": text},
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.status_code < 300, answer.text

    def arrived(self, text: str) -> int:
        """How often a text arrived in calls that the platform took."""
        return sum(text in self.platform.content(request) for request in self.taken)

    def wait_for(self, text: str, times: int = 1) -> None:
        _until(lambda: self.arrived(text) >= times, f"{text!r} on {self.platform.name}")

    def wait_for_other_login(self, text: str, authorization: str) -> None:
        """Wait until a text arrives in a call that bears another `authorization` than this."""

        def arrived() -> bool:
            calls = [call for call in self.taken if text in self.platform.content(call)]
            return any(call.headers["authorization"] != authorization for call in calls)

        _until(arrived, f"{text!r} with a new login on {self.platform.name}")


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
