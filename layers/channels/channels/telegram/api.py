"""Calls of Telegram's Bot API, with its errors by what follows from them.

    POST <api_base>/bot<access_token>/<method>    {...}
    {"ok": true, "result": ...}  or  {"ok": false, "error_code": 400, "description": "..."}

Imported only when something is sent: a webhook's start stays short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from channels.clients.answer_form import AnswerForm
from channels.clients.platform_api import PlatformApi
from channels.errors import RecipientGone, SendError
from channels.messages.fields import as_object, object_of
from channels.telegram.settings import SECTION

if TYPE_CHECKING:
    from typing import Any

    from channels.clients.platform_api import ApiResponse


_DOCUMENT = {"ok": bool}
_OWN = AnswerForm("Telegram", (_DOCUMENT,), (_DOCUMENT,), "api_base")

#: What a 400 says, in lower case, when nothing will ever reach that chat or topic.
_GONE = (
    "chat not found",
    "user not found",
    "group chat was deactivated",
    "peer_id_invalid",
    "message thread not found",
    "topic_deleted",
)


class ChatMigrated(SendError):
    """A group became a supergroup: its messages go to `chat_id` from now on."""

    def __init__(self, message: str, chat_id: int) -> None:
        super().__init__(message)
        self.chat_id = chat_id


class MarkupRefused(SendError):
    """The text is not what its `parse_mode` says: send it without."""


class TelegramApi:
    """The Bot API of one bot, over kept-alive connections."""

    def __init__(self, access_token: str, api_base: str) -> None:
        """Call `api_base`, `https://api.telegram.org` or a Bot API server of one's own."""
        self._root = api_base.rstrip("/")
        self._access_token = access_token
        session = requests.Session()
        session.hooks["response"].append(_tell_retry_after)
        self._api = PlatformApi(f"{self._root}/bot{access_token}", session=session, answers=_OWN)

    def call(self, method: str, parameters: dict[str, Any]) -> Any:
        """The `result` of a method of the Bot API.

        Raises CredentialsError when the token is not a bot's, ChatMigrated, MarkupRefused,
        RecipientGone, RateLimited, PlatformUnavailable, and SendError for whatever else is refused.
        """
        answer = self._api.call("POST", method, json=parameters)
        document = as_object(answer.json)
        if document.get("ok") is not True:
            raise _error(method, answer, document)
        return document.get("result")

    def file_url(self, file_path: str) -> str:
        """The address of a file of `getFile`. It holds the bot's token."""
        return f"{self._root}/file/bot{self._access_token}/{file_path}"

    def close(self) -> None:
        """Close the connections that are kept."""
        self._api.close()


def _error(method: str, answer: ApiResponse, document: dict[str, Any]) -> Exception:
    description = str(document.get("description", ""))
    text = f"{method}: {answer.status} {answer.without_sent(description)}"
    said = description.lower()
    migrated = object_of(document, "parameters").get("migrate_to_chat_id")
    if migrated is not None:
        return ChatMigrated(text, migrated)
    if answer.status == 401 or (answer.status == 404 and said == "not found"):
        return SECTION.error(
            "Telegram knows no bot of this 'access_token': take the one that BotFather shows"
        )
    if answer.status == 403 or any(reason in said for reason in _GONE):
        return RecipientGone(text)
    if "can't parse" in said and "entities" in said:
        return MarkupRefused(f"{method}: the text is not what its parse_mode says")
    return SendError(text)


def _tell_retry_after(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Put the seconds of a 429's body where HTTP has them, in the header `Retry-After`."""
    if response.status_code != 429:
        return
    try:
        seconds = response.json()["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError):
        return
    response.headers["retry-after"] = str(seconds)
