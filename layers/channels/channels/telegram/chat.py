"""One chat of a bot: where to send its messages, and what to try if Telegram refuses one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.errors import RecipientGone, SendError
from channels.messages.simpler_form import send_or_simplify
from channels.telegram.api import ChatMigrated, MarkupRefused
from channels.telegram.markup import plain

if TYPE_CHECKING:
    from typing import Any

    from channels.telegram.api import TelegramApi
    from channels.telegram.custom_json import Call


class TelegramChat:
    """Posts to the chat in `reply_to`, or else to the chat in a recipient's id.

    `reply_to` is an update's: `chat_id` and, within a topic, `message_thread_id`.
    """

    def __init__(self, api: TelegramApi, reply_to: dict[str, Any] | None) -> None:
        self._api = api
        self._reply_to = reply_to or {}
        self._migrated: dict[Any, int] = {}

    def post(self, recipient_id: str, call: Call, fallback: Call | None = None) -> str | None:
        """Make a call; return the id of the message it posted, None if it posts none.

        `fallback` is made if Telegram refuses `call` for good; a refused call has posted nothing.
        Raises the errors of `TelegramApi.call`.
        """
        return send_or_simplify(
            "telegram", lambda each: self._call(recipient_id, each), call, fallback
        )

    def _call(self, recipient_id: str, call: Call) -> str | None:
        target = {} if "chat_id" in call.parameters else self._target(recipient_id)
        try:
            return self._make(call.method, {**target, **call.parameters})
        except RecipientGone as error:
            if target:
                raise
            # The bot named another chat: the conversation's own chat is not gone.
            raise SendError(str(error)) from error

    def _make(self, method: str, parameters: dict[str, Any]) -> str | None:
        """Make the call, and again if the error tells how to correct it."""
        chat_id = self._migrated.get(parameters["chat_id"], parameters["chat_id"])
        try:
            return _message_id(self._api.call(method, {**parameters, "chat_id": chat_id}))
        except ChatMigrated as error:
            if chat_id == error.chat_id:
                raise
            self._migrated[parameters["chat_id"]] = error.chat_id
            return self._make(method, parameters)
        except MarkupRefused:
            if "parse_mode" not in parameters:
                raise
            return self._make(method, _without_markup(parameters))

    def _target(self, recipient_id: str) -> dict[str, Any]:
        if "chat_id" not in self._reply_to:
            return {"chat_id": recipient_id.partition(":")[0]}
        keys = ("chat_id", "message_thread_id")
        return {key: self._reply_to[key] for key in keys if key in self._reply_to}


def _without_markup(parameters: dict[str, Any]) -> dict[str, Any]:
    mode = parameters["parse_mode"]
    texts: dict[str, Any] = {
        key: plain(str(parameters[key]), mode) for key in ("text", "caption") if key in parameters
    }
    others = {key: value for key, value in parameters.items() if key != "parse_mode"}
    return {**others, **texts}


def _message_id(result: Any) -> str | None:
    """Return the message id of a result; for an album, that of its first message."""
    first = result[0] if isinstance(result, list) and result else result
    message_id = first.get("message_id") if isinstance(first, dict) else None
    return None if message_id is None else str(message_id)
