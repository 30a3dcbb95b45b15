"""Calls to Webex's REST API; each error class tells the caller what to do next.

Imported only in the worker, which keeps a webhook's cold start short.
"""

from __future__ import annotations

import logging
import re
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

#: An error repeats its text in a list, has the id that Webex's support asks for, or both.
_TRACKING = re.compile(r"[A-Z]+_[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}\w*")
_ERRORS = (
    {"message": str, "trackingId": _TRACKING},
    {"message": str, "trackingId": str, "errors": [{"description": str}]},
)

_PERSON = AnswerForm("Webex", ({"id": str, "displayName": str},), _ERRORS, "api_base")
_MESSAGE = AnswerForm("Webex", ({"id": str, "roomId": str},), _ERRORS, "api_base")

#: Seconds to wait when Webex does not say for how long; the same as in webexpythonsdk.
_RETRY_AFTER = 15.0

#: The room, message or person does not exist (any more), or not for the bot.
_GONE = (404, 410)

#: Texts of a 403, in lower case, that mean the same for a post; others name a missing scope, role
#: or license. What Webex refuses to show with a 403 is not for the bot, whatever the text.
_NOT_A_MEMBER = ("failed to get activity", "not a member", "not a participant", "not in the room")


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
        self._api = PlatformApi(api_base, headers, session, _MESSAGE)

    def get(self, path: str) -> dict[str, Any]:
        """Return the JSON object at a path below `api_base`."""
        answers = _PERSON if path.startswith("people/") else _MESSAGE
        return _accepted(path, self._api.call("GET", path, answers=answers))

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
    said = text_of(document, "message")
    reason = f"{path}: status {answer.status} {answer.without_sent(said)}".rstrip()
    if answer.status == 401:
        raise SECTION.error(
            "Webex does not accept 'access_token': copy the bot's from developer.webex.com"
        )
    is_said = path != "messages" or any(each in said.lower() for each in _NOT_A_MEMBER)
    is_barred = answer.status == 403 and is_said
    if is_barred or answer.status in _GONE:
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
