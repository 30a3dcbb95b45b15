"""Telegram: its users and its server."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from tests.channels.telegram.administration import TelegramAdministration
from tests.e2e.platforms.platform import JSON, SECRET, Platform


class Telegram(Platform):
    name = "telegram"
    longest = 4096
    example = "text"

    def __init__(self) -> None:
        self.administration = TelegramAdministration("42:made-up", takes_http=True)

    def credentials(self, url):
        return {
            "access_token": "42:made-up",
            "verify": "rasa_bot",
            "webhook_url": "https://example.com",
            "secret_token": SECRET,
            "api_base": url,
        }

    def _signed(self, update):
        return json.dumps(update).encode(), {**JSON, "x-telegram-bot-api-secret-token": SECRET}

    _chat: ClassVar[dict[str, Any]] = {"id": 4242, "type": "private", "first_name": "Ann"}
    _user: ClassVar[dict[str, Any]] = {"id": 4242, "is_bot": False, "first_name": "Ann"}

    def message(self, text, number):
        message = {
            "message_id": number,
            "from": self._user,
            "chat": self._chat,
            "date": 1767225600,
            "text": text,
        }
        return self._signed({"update_id": 900 + number, "message": message})

    def click(self, payload, number, calls):
        query = {
            "id": str(number),
            "from": self._user,
            "message": {"message_id": 1, "chat": self._chat, "date": 1767225600, "text": "Pick"},
            "chat_instance": "1",
            "data": payload,
        }
        return self._signed({"update_id": 900 + number, "callback_query": query})

    def answer(self, request, number):
        is_message = request.path.rpartition("/")[2] != "sendChatAction"
        result = {"ok": True, "result": {"message_id": number} if is_message else True}
        return 200, json.dumps(result).encode(), JSON

    def limited(self):
        error = {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
        return 429, json.dumps(error).encode(), JSON


PLATFORM = Telegram()
