"""Calls to Webex's REST API; each error class tells the caller what to do next.

Imported only in the worker, which keeps a webhook's cold start short.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import requests

from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.clients.retry_after import seconds_of
from channels.errors import RecipientGone, SendError
from channels.messages.fields import as_object, text_of
from channels.webexteams.settings import SECTION

if TYPE_CHECKING:
    from typing import Any

    from channels.clients.platform_api import ApiResponse

logger = logging.getLogger(__name__)

_OWN = AnswerForm(
    "Webex",
    success=({"id": str},),
    error=({"message": str, "trackingId": str}, {"message": str, "errors": list}),
    setting="api_base",
)

#: Seconds to wait when Webex does not say for how long; the same as in webexpythonsdk.
_RETRY_AFTER = 15.0

#: The bot is not a member, or the room, message or person does not exist (any more).
_GONE = (403, 404, 410)


class WebexApi:
    """The API, called with one bot's token over connections that are kept alive.

    `api_base` is `https://webexapis.com/v1/` by default. Calls raise CredentialsError if the token
    is invalid, RecipientGone, RateLimited or PlatformUnavailable, and SendError for any other
    refusal.
    """

    def __init__(self, access_token: str, api_base: str) -> None:
        session = requests.Session()
        session.hooks["response"].append(_note_refusal)
        headers = {"authorization": f"Bearer {access_token}"}
        self._api = PlatformApi(api_base, headers, session, _OWN)

    def get(self, path: str) -> dict[str, Any]:
        """Return the JSON object at a path below `api_base`."""
        return _accepted(path, self._api.call("GET", path))

    def post_message(self, message: dict[str, Any]) -> str:
        """Post a message (`roomId`, `markdown`, `files`, ...); return its id."""
        document = _accepted("messages", self._api.call("POST", "messages", json=message))
        return text_of(document, "id")

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._api.close()


def _accepted(path: str, answer: ApiResponse) -> dict[str, Any]:
    document = as_object(answer.json)
    if answer.status < 400:
        return document
    said = answer.without_sent(text_of(document, "message"))
    reason = f"{path}: status {answer.status} {said}".rstrip()
    if answer.status == 401:
        raise SECTION.error(
            "Webex does not accept 'access_token': copy the bot's from developer.webex.com"
        )
    if answer.status in _GONE:
        raise RecipientGone(reason)
    raise SendError(reason)


def _note_refusal(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Log the id that Webex's support asks for; turn a 423 into a 429, which it means."""
    if response.status_code < 400:
        return
    logger.warning(
        "webexteams: status %d, trackingId %s",
        response.status_code,
        response.headers.get("trackingid", "unknown"),
    )
    if response.status_code in (423, 429):
        wait = seconds_of(response.headers.get("retry-after"), time.time())
        seconds = _RETRY_AFTER if wait is None else wait
        response.status_code, response.headers["retry-after"] = 429, str(seconds)
