"""The callers of the callback channel's webhook: they send again until it answers with 2xx."""

from __future__ import annotations

import time
from typing import NamedTuple

import requests

#: Pause before a message is sent again (seconds); platforms take longer, tests need not.
_PAUSE = 0.2


class Sent(NamedTuple):
    """A message that was acknowledged: all statuses, 0 for no answer, and the last answer's time.

    `seconds` is how long the acknowledgement took.
    """

    statuses: list[int]
    seconds: float


class NotAcknowledged(Exception):
    """The webhook refused a message for too long."""


class WebhookClient:
    """Sends messages over kept-alive connections; one for each thread."""

    def __init__(self, http_url: str) -> None:
        self._url = f"{http_url}/webhooks/callback/webhook"
        self._session = requests.Session()

    def __enter__(self) -> WebhookClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._session.close()

    def post(self, sender: str, number: int, text: str) -> tuple[int, float]:
        """Send a message once; gives its status, 0 for no answer, and how long that took."""
        body = {"sender": sender, "message": text, "message_id": f"{sender}:{number}"}
        start = time.monotonic()
        try:
            status = self._session.post(self._url, json=body, timeout=60).status_code
        except requests.ConnectionError:
            status = 0
        return status, time.monotonic() - start

    def send(self, sender: str, number: int, text: str, within: float = 60.0) -> Sent:
        """Send a message until it is acknowledged; NotAcknowledged after `within` seconds."""
        statuses: list[int] = []
        end = time.monotonic() + within
        while time.monotonic() < end:
            status, seconds = self.post(sender, number, text)
            statuses.append(status)
            if 200 <= status < 300:
                return Sent(statuses, seconds)
            time.sleep(_PAUSE)
        raise NotAcknowledged(f"{sender}:{number}: {statuses}")
