"""The assistant of the suite: Rasa's REST channel, its behaviour set by the tests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from tests.servers.rasa_script import Answer, ReceivedRequest
from tests.servers.rasa_server import RasaServer


class Asked(NamedTuple):
    """A question that reached the assistant."""

    sender: str
    text: str
    message_id: str


type Behaviour = Callable[[Asked], Answer]


def echo(asked: Asked) -> Answer:
    """Say what the user said."""
    return [{"text": asked.text}]


def in_two_parts(asked: Asked) -> Answer:
    """Say what the user said, in two messages."""
    return [{"text": f"{asked.text} one"}, {"text": f"{asked.text} two"}]


class Agent:
    """Answers by `behaviour` and remembers what it was asked."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = echo
        self._asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = RasaServer(self._answer)
        self.url = self._server.url
        self._server.__enter__()

    def close(self) -> None:
        """Stop; whoever waits for an answer gets none."""
        self._server.close()

    def times_asked(self, sender: str) -> Counter[str]:
        """How often each text of a sender reached the assistant."""
        with self._lock:
            return Counter(asked.text for asked in self._asked if asked.sender == sender)

    def message_ids(self, sender: str) -> set[str]:
        """The ids under which a sender's texts reached the assistant."""
        with self._lock:
            return {asked.message_id for asked in self._asked if asked.sender == sender}

    def _answer(self, request: ReceivedRequest) -> Answer:
        message_id = request.headers["x-message-id"]
        asked = Asked(request.json["sender"], request.text, message_id)
        with self._lock:
            self._asked.append(asked)
        return self.behaviour(asked)
