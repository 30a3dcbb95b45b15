"""Mattermost: an outgoing webhook, clicks on message actions, and the REST API."""

from __future__ import annotations

import json
from typing import ClassVar

from tests.channels.mattermost.administration import ADMIN, MattermostAdministration
from tests.e2e.platforms.platform import JSON, PUBLIC_BASE_URL, Platform

TOKEN = "tok26aaaaaaaaaaaaaaaaaaaaa"
USER = {"user_id": "us000000000000000000000001", "user_name": "ann"}
CHANNEL = {"channel_id": "ch000000000000000000000001", "channel_name": "support"}


class Mattermost(Platform):
    name = "mattermost"
    longest = 16383
    example = "webhook"
    administrator: ClassVar[dict[str, str]] = {"MATTERMOST_ADMIN_TOKEN": ADMIN}

    def __init__(self) -> None:
        self.administration = MattermostAdministration("bot-token-made-up")

    def credentials(self, url):
        return {
            "url": f"{url}/api/v4",
            "token": "bot-token-made-up",
            "webhook_url": f"{PUBLIC_BASE_URL}/webhooks/mattermost/webhook",
            "webhook_tokens": [TOKEN],
        }

    def message(self, text, number, token=TOKEN):
        body = {
            "token": token,
            "team_id": "tm000000000000000000000001",
            "team_domain": "acme",
            **CHANNEL,
            "timestamp": 1767225600000 + number,
            **USER,
            "post_id": f"po{number:024}",
            "text": text,
            "trigger_word": "",
            "file_ids": "",
        }
        return json.dumps(body).encode(), JSON

    def unsigned(self, text, number):
        return self.message(text, number, token="")

    def click(self, payload, number, calls):
        actions = [
            action
            for call in calls
            if call.path.endswith("/posts")
            for attachment in call.json.get("props", {}).get("attachments", [])
            for action in attachment.get("actions", [])
        ]
        context = next(
            action["integration"]["context"]
            for action in actions
            if payload in json.dumps(action["integration"]["context"])
        )
        body = {
            **USER,
            **CHANNEL,
            "team_id": "tm000000000000000000000001",
            "post_id": f"po{number:024}",
            "trigger_id": f"trigger{number}",
            "type": "button",
            "data_source": "",
            "context": context,
        }
        return json.dumps(body).encode(), JSON

    def answer(self, request, number):
        if request.path == "/api/v4/users/me":
            return 200, b'{"id": "bo000000000000000000000001", "username": "rasa"}', JSON
        if request.method == "GET" and request.path.startswith("/api/v4/users/"):
            user = {"id": request.path.rpartition("/")[2], "username": "someone"}
            return 200, json.dumps(user).encode(), JSON
        if request.path == "/api/v4/posts":
            created = {"id": f"po9{number:023}", "create_at": 1767225600000}
            return 201, json.dumps(created).encode(), JSON
        return 200, b'{"status": "OK"}', JSON

    def texts(self, request):
        return [request.json["message"]] if request.path == "/api/v4/posts" else []


PLATFORM = Mattermost()
