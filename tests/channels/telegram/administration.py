"""Telegram's Bot API, as far as it is about the bot and its webhook."""

from __future__ import annotations

import json
import re

from tests.servers.recording_server import Answer, Recorded

JSON = {"content-type": "application/json"}


class TelegramAdministration:
    """One bot; `info` is what getWebhookInfo tells, `secret` what setWebhook was given.

    A Bot API server of one's own takes http addresses too.
    """

    def __init__(self, token: str, username: str = "rasa_bot", *, takes_http: bool = False) -> None:
        self.token = token
        self._takes_http = takes_http
        #: False is Telegram's privacy mode, which bots have until @BotFather hears otherwise.
        self.reads_groups = False
        self.username = username
        self.secret: str | None = None
        self.info: dict[str, object] = {}
        self._clear()

    def _clear(self) -> None:
        self.secret = None
        self.info = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}

    def answer(self, request: Recorded) -> Answer:
        known = ("getMe", "getWebhookInfo", "setWebhook", "deleteWebhook")
        _, login, method = request.path.split("/")
        if method not in known:
            return None
        if login != f"bot{self.token}":
            return self._refusal(401, "Unauthorized")
        body = request.json if request.body else {}
        if method == "getMe":
            bot = {"id": 42, "is_bot": True, "username": self.username}
            return self._result({**bot, "can_read_all_group_messages": self.reads_groups})
        if method == "getWebhookInfo":
            return self._result(self.info)
        if method == "deleteWebhook":
            self._clear()
            return self._result(True)
        return self._set(body)

    def _set(self, body: dict[str, object]) -> Answer:
        if not (self._takes_http or str(body["url"]).startswith("https://")):
            return self._refusal(400, "Bad Request: bad webhook: HTTPS url must be provided")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", str(body["secret_token"])):
            return self._refusal(400, "Bad Request: secret token contains unallowed characters")
        self._clear()
        self.secret = str(body["secret_token"])
        self.info |= {"url": body["url"], "allowed_updates": body["allowed_updates"]}
        return self._result(True)

    @staticmethod
    def _result(result: object) -> Answer:
        return 200, json.dumps({"ok": True, "result": result}).encode(), JSON

    @staticmethod
    def _refusal(status: int, description: str) -> Answer:
        said = {"ok": False, "error_code": status, "description": description}
        return status, json.dumps(said).encode(), JSON
