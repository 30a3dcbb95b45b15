"""One chat of a bot: where its messages go, and what is tried when Telegram refuses one."""

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
    """Posts to the chat of `reply_to`, else to the one that a recipient's id names."""

    def __init__(self, api: TelegramApi, reply_to: dict[str, Any] | None) -> None:
        """`reply_to` is an update's: `chat_id` and, within a topic, `message_thread_id`."""
        self._api = api
        self._reply_to = reply_to or {}
        self._migrated: dict[Any, int] = {}

    def post(self, recipient_id: str, call: Call, fallback: Call | None = None) -> str | None:
        """Make a call; gives the id of the message it posted, None where it posts none.

        `fallback` is called when Telegram will never take the first one, which then posted
        nothing. Raises what `TelegramApi.call` raises.
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
            # Another chat than the conversation's, which goes on.
            raise SendError(str(error)) from error

    def _make(self, method: str, parameters: dict[str, Any]) -> str | None:
        """The call, made again where the answer to it says how it will do."""
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
    """The id of the message of a result, of the first one of an album."""
    first = result[0] if isinstance(result, list) and result else result
    message_id = first.get("message_id") if isinstance(first, dict) else None
    return None if message_id is None else str(message_id)
