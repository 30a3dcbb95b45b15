"""Calls to Telegram's Bot API; each error class tells the caller what to do next.

    POST <api_base>/bot<access_token>/<method>    {...}
    {"ok": true, "result": ...}  or  {"ok": false, "error_code": 400, "description": "..."}

Imported only to send, which keeps a webhook's cold start short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from channels.clients.answer_form import AnswerForm, json_of
from channels.clients.platform_api import PlatformApi
from channels.errors import RecipientGone, SendError
from channels.messages.fields import as_object, object_of
from channels.telegram.settings import SECTION

if TYPE_CHECKING:
    from typing import Any

    from channels.clients.platform_api import ApiResponse


_REFUSED = ({"ok": False, "error_code": int, "description": str},)
_MESSAGE = {"message_id": int}

#: What the `result` of a method that posts nothing is; the others return a message or an album.
_RETURNS: dict[str, Any] = {
    "sendChatAction": True,
    "getFile": {"file_id": str, "file_unique_id": str},
}

#: Descriptions of a 400, in lower case, that mean the chat or topic can no longer be reached. So
#: does each 403: it says whether the bot was blocked, kicked or never invited ("Forbidden: ...").
_GONE = (
    "chat not found",
    "user not found",
    "group chat was deactivated",
    "peer_id_invalid",
    "message thread not found",
    "topic_deleted",
)


class ChatMigrated(SendError):
    """The group has become a supergroup; send its messages to `chat_id` from now on."""

    def __init__(self, message: str, chat_id: int) -> None:
        super().__init__(message)
        self.chat_id = chat_id


class MarkupRefused(SendError):
    """Telegram cannot parse the text in its `parse_mode`; send it again without one."""


class TelegramApi:
    """The Bot API of one bot, over connections that are kept alive.

    `api_base` is `https://api.telegram.org` or the address of your own Bot API server.
    """

    def __init__(self, access_token: str, api_base: str) -> None:
        self._root = api_base.rstrip("/")
        self._access_token = access_token
        session = requests.Session()
        session.hooks["response"].append(_tell_retry_after)
        self._api = PlatformApi(
            f"{self._root}/bot{access_token}", session=session, answers=_form("")
        )

    def call(self, method: str, parameters: dict[str, Any]) -> Any:
        """Call a method of the Bot API and return its `result`.

        Raises CredentialsError if the token belongs to no bot; ChatMigrated, MarkupRefused,
        RecipientGone, RateLimited or PlatformUnavailable; and SendError for any other refusal.
        """
        answer = self._api.call("POST", method, json=parameters, answers=_form(method))
        document = as_object(answer.json)
        if document.get("ok") is not True:
            raise _error(method, answer, document)
        return document.get("result")

    def file_url(self, file_path: str) -> str:
        """Return the URL of a `file_path` from `getFile`. The URL contains the bot's token."""
        return f"{self._root}/file/bot{self._access_token}/{file_path}"

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._api.close()


def _form(method: str) -> AnswerForm:
    """Return the form of a method's responses."""
    results = (_RETURNS[method],) if method in _RETURNS else (_MESSAGE, [_MESSAGE])
    success = tuple({"ok": True, "result": result} for result in results)
    return AnswerForm("Telegram", success, _REFUSED, "api_base")


def _error(method: str, answer: ApiResponse, document: dict[str, Any]) -> Exception:
    description = str(document.get("description", ""))
    text = f"{method}: {answer.status} {answer.without_sent(description)}"
    said = description.lower()
    migrated = object_of(document, "parameters").get("migrate_to_chat_id")
    if migrated is not None:
        return ChatMigrated(text, migrated)
    if answer.status == 401 or (answer.status == 404 and said == "not found"):
        return SECTION.error("no bot has this 'access_token': copy the token that @BotFather shows")
    is_forbidden = answer.status == 403 and said.startswith("forbidden:")
    if is_forbidden or any(reason in said for reason in _GONE):
        return RecipientGone(text)
    if "can't parse" in said and "entities" in said:
        return MarkupRefused(f"{method}: Telegram cannot parse the text in its parse_mode")
    return SendError(text)


def _tell_retry_after(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Copy `retry_after` (seconds) from the body of a 429 to the header `Retry-After`."""
    parameters = object_of(as_object(json_of(response.content)), "parameters")
    if response.status_code == 429 and "retry_after" in parameters:
        response.headers["retry-after"] = str(parameters["retry_after"])
