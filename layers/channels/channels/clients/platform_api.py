"""Calls to a platform's HTTP API; each error tells the worker what to do next.

Output channels import this module only when they send: `requests` loads too slowly for a webhook.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

import requests

from channels.clients.answer_form import NO_PAGE, json_of
from channels.clients.before_call import before_call
from channels.clients.retry_after import seconds_of
from channels.errors import PlatformUnavailable, RateLimited, SendError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from channels.clients.answer_form import AnswerForm

#: Timeouts in seconds: for connecting, and for each wait for the response.
_TIMEOUT = (5.0, 20.0)

#: The pause when a platform answers 429 without saying how long to wait (seconds).
_RETRY_AFTER = 5.0

#: Statuses below 500 that mean "try again later", whoever sent them: the request timed out or came
#: too early.
_LATER = (408, 425)

#: The message is too large for the platform or for an intermediary, and always will be.
_TOO_LARGE = 413

#: Shorter texts are not masked in a platform's words: they reveal nothing and occur in many words.
_SHORTEST_TEXT = 4


class ApiResponse(NamedTuple):
    """A platform's own response, a success or an error; `sent` is the body of the request."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: Any = None

    @property
    def json(self) -> Any:
        """The body as JSON, or None if it is not JSON."""
        return json_of(self.body)

    def without_sent(self, words: str) -> str:
        """Mask the texts that we sent in a platform's words, so that the words can be logged."""
        for text in sorted(_texts(self.sent), key=len, reverse=True):
            words = words.replace(text, "...")
        return words


def _texts(sent: Any) -> set[str]:
    """Return all texts in the body of a request."""
    if isinstance(sent, dict):
        sent = list(sent.values())
    if isinstance(sent, list):
        return {text for each in sent for text in _texts(each)}
    text = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
    return {text} if isinstance(text, str) and len(text) >= _SHORTEST_TEXT else set()


class PlatformApi:
    """One platform's API under one base URL, over kept-alive connections.

    A response without the form of the platform's own says nothing about the message. Redirects are
    not followed: no platform redirects its API, and a redirect would carry the token elsewhere.
    Nothing is retried here: the worker retries, with the turn's journal at hand.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        session: requests.Session | None = None,
        answers: AnswerForm | None = NO_PAGE,
    ) -> None:
        """Send `headers` (authorization) with each call, over `session` or a new one.

        `answers` is the form of the platform's own responses; with None every response counts as
        one.
        """
        self._base_url = base_url.rstrip("/")
        # Below these levels urllib3 logs request lines, with the tokens in them.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
        self._session = session or requests.Session()
        self._session.trust_env = False  # no proxy, no ~/.netrc: a Lambda has neither
        self._headers = dict(headers or {})
        self._answers = answers

    def call(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        answers: AnswerForm | None = None,
    ) -> ApiResponse:
        """Make one call below the base URL, with a JSON or a form body.

        `answers` is the form of this call's responses if it differs from the API's.

        Raises RateLimited for 429 and PlatformUnavailable for 408, 425 and 5xx, both with the
        seconds of `Retry-After`; PlatformUnavailable also for a platform that cannot be reached and
        for a response that is not its own; SendError for a message that is too large for an
        intermediary or cannot be written as JSON (NaN). Error texts never contain the URL, because
        some URLs contain tokens. Raises what `before_call` raises.
        """
        before_call.get()()
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
        _check(response, answers or self._answers)
        sent = form if json is None else json
        return ApiResponse(response.status_code, response.headers, response.content, sent)

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()


def _check(response: requests.Response, answers: AnswerForm | None) -> None:
    """Raise unless the response is the platform's own and so tells what became of the message."""
    status = response.status_code
    if status == 429 or status >= 500 or status in _LATER:
        wait = seconds_of(response.headers.get("retry-after"), time.time())
        if status == 429:
            raise RateLimited("status 429", _RETRY_AFTER if wait is None else wait)
        raise PlatformUnavailable(f"status {status}", wait or 0.0)
    if answers is None or answers.is_own(status, response.content):
        return
    if status == _TOO_LARGE:
        raise SendError(f"status {status}: too large for the proxy before {answers.platform}")
    raise PlatformUnavailable(answers.foreign(status))
