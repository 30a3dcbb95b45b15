"""Rocket.Chat: an outgoing webhook, and the REST API with its login."""

from __future__ import annotations

import json
from typing import ClassVar

from tests.channels.rocketchat.administration import ADMIN_ID, ADMIN_TOKEN, RocketChatAdministration
from tests.e2e.platforms.platform import JSON, Platform

TOKEN = "rc-token-1"


class RocketChat(Platform):
    name = "rocketchat"
    longest = 5000
    example = "text"
    administrator: ClassVar[dict[str, str]] = {
        "ROCKETCHAT_ADMIN_USER_ID": ADMIN_ID,
        "ROCKETCHAT_ADMIN_TOKEN": ADMIN_TOKEN,
    }

    def __init__(self) -> None:
        self.administration = RocketChatAdministration("made-up-auth-token")

    def credentials(self, url):
        return {
            "user": "rasa",
            "password": "made-up",
            "server_url": url,
            "webhook_token": TOKEN,
        }

    def message(self, text, number, token=TOKEN):
        body = {
            "token": token,
            "bot": False,
            "channel_id": "GENERAL",
            "channel_name": "general",
            "message_id": f"Wq3b6yJ1kDfT{number:05}",
            "timestamp": "2026-01-01T00:00:00.000Z",
            "user_id": "uAnn00000000000001",
            "user_name": "ann",
            "text": text,
            "siteUrl": "https://chat.example.org",
        }
        return json.dumps(body).encode(), JSON

    def unsigned(self, text, number):
        return self.message(text, number, token="")

    def click(self, payload, number, calls):
        return self.message(payload, number)

    def answer(self, request, number):
        if request.path == "/api/v1/login":
            data = {"userId": "uBot00000000000001", "authToken": "made-up-auth-token"}
            return 200, json.dumps({"status": "success", "data": data}).encode(), JSON
        if request.headers.get("x-auth-token") != "made-up-auth-token":
            return 401, b'{"status": "error", "message": "You must be logged in to do this."}', JSON
        sent = {"success": True, "message": {"_id": f"m{number}"}}
        return 200, json.dumps(sent).encode(), JSON

    def texts(self, request):
        body = request.json if request.path.endswith("chat.postMessage") else {}
        return [body["text"]] if "text" in body else []


PLATFORM = RocketChat()
