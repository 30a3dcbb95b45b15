"""Calls of a platform's HTTP API, with errors named after what the worker does next.

Imported by output channels only when they send: `requests` is too slow to start for a webhook.
"""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, NamedTuple

import requests

from channels.errors import PlatformUnavailable, RateLimited, SendError
from channels.http_dates import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Seconds for connecting, and for each wait for the answer.
_TIMEOUT = (5.0, 20.0)

#: What is waited for when a platform asks for patience and does not say how much (seconds).
_RETRY_AFTER = 5.0


#: Texts that are shorter are left in a platform's words: they say nothing, and stand in many.
_SHORTEST_TEXT = 4


class Answer(NamedTuple):
    """A platform's answer of a status below 500 that is not 429; `sent` is what it answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: Any = None

    @property
    def json(self) -> Any:
        """The body as JSON, None when it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def without_sent(self, words: str) -> str:
        """A platform's words without the texts of ours in them: they go into logs."""
        for text in sorted(_texts(self.sent), key=len, reverse=True):
            words = words.replace(text, "...")
        return words


def _texts(sent: Any) -> set[str]:
    """All texts in the body of a call."""
    if isinstance(sent, dict):
        sent = list(sent.values())
    if isinstance(sent, list):
        return {text for each in sent for text in _texts(each)}
    text = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
    return {text} if isinstance(text, str) and len(text) >= _SHORTEST_TEXT else set()


class PlatformApi:
    """One platform's API under one base URL, over kept-alive connections.

    Redirects are not followed: no platform redirects its API, and a redirect would carry the token
    elsewhere. Nothing is repeated here: the worker does that, with the turn journal at hand.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        session: requests.Session | None = None,
    ) -> None:
        """Send `headers` (authorization) with each call; tests pass a session of their own."""
        self._base_url = base_url.rstrip("/")
        # What urllib3 logs below these levels are request lines, with the tokens in them.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
        self._session = session or requests.Session()
        self._session.trust_env = False  # no proxy, no ~/.netrc: a Lambda has neither
        self._headers = dict(headers or {})

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """Make one call below the base URL, with a JSON or a form body.

        Raises RateLimited for 429 with the seconds of `Retry-After`, PlatformUnavailable for 5xx
        and for a platform that cannot be reached, SendError for a body that is no JSON (NaN). Their
        texts hold no URL: tokens stand in some.
        """
        try:
            response = self._session.request(
                method,
                f"{self._base_url}/{path}" if path else self._base_url,
                json=json,
                data=form,
                params=params,
                headers={**self._headers, **(headers or {})},
                auth=auth,
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except requests.exceptions.InvalidJSONError:
            raise SendError("the message cannot be written as JSON") from None
        except requests.RequestException as error:
            raise PlatformUnavailable(f"no answer: {type(error).__name__}") from None
        if response.status_code == 429:
            wait = seconds_of(response.headers.get("retry-after"), time.time())
            raise RateLimited("status 429", _RETRY_AFTER if wait is None else wait)
        if response.status_code >= 500:
            raise PlatformUnavailable(f"status {response.status_code}")
        sent = form if json is None else json
        return Answer(response.status_code, response.headers, response.content, sent)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()
