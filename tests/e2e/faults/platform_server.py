"""The platform that the callback channel delivers to: a server that records what it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

from tests.servers.recording_server import Answer, Recorded, recording_server


class Post(NamedTuple):
    """A POST that arrived; `at` is in seconds of `time.monotonic`."""

    delivery_id: str
    recipient: str
    text: str
    at: float


type Behaviour = Callable[[Post], Answer]

TAKEN: tuple[int, bytes, dict[str, str]] = (200, b"", {})


def take(post: Post) -> Answer:
    """Take a message."""
    return TAKEN


class Platform:
    """Answers by `behaviour`; `taken` holds the POSTs answered with 200, in their order."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = take
        self.arrived: list[Post] = []
        self.taken: list[Post] = []
        self._changed = threading.Condition()
        self._stack = ExitStack()
        self.url = self._stack.enter_context(recording_server(self._respond)).url

    def close(self) -> None:
        """Stop."""
        self._stack.close()

    def received(self, prefix: str) -> dict[str, list[str]]:
        """The texts taken for each recipient whose name starts with `prefix`, in their order."""
        received: dict[str, list[str]] = {}
        for post in self.posts(prefix):
            received.setdefault(post.recipient, []).append(post.text)
        return received

    def posts(self, prefix: str) -> list[Post]:
        """The POSTs taken for recipients whose name starts with `prefix`."""
        with self._changed:
            return [post for post in self.taken if post.recipient.startswith(prefix)]

    def wait_for(self, prefix: str, count: int, within: float) -> bool:
        """Wait until `count` different deliveries were taken; False when time is over (seconds)."""

        def complete() -> bool:
            found = {p.delivery_id for p in self.taken if p.recipient.startswith(prefix)}
            return len(found) >= count

        with self._changed:
            return self._changed.wait_for(complete, within)

    def _respond(self, request: Recorded) -> Answer:
        delivery_id = request.headers["webhook-id"]
        body = request.json
        post = Post(delivery_id, body["recipient_id"], body["text"], time.monotonic())
        with self._changed:
            self.arrived.append(post)
        answer = self.behaviour(post)
        if answer == TAKEN:
            with self._changed:
                self.taken.append(post)
                self._changed.notify_all()
        return answer
