"""My Platform: its users and its server."""

from __future__ import annotations

import hmac
import json

from tests.e2e.platforms.platform import JSON, SECRET, Platform


class MyPlatform(Platform):
    name = "my_platform"
    longest = 4000
    example = "text"

    def credentials(self, url):
        return {
            "access_token": "made-up_token",
            "webhook_secret": SECRET,
            "api_base": f"{url}/v1",
        }

    def message(self, text, number):
        author = {"id": "U1", "name": "Ann", "is_bot": False}
        event = {"type": "message", "id": f"M{number}", "room_id": "R1", "author": author}
        body = json.dumps({**event, "text": text}).encode()
        signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
        return body, {**JSON, "x-signature-256": signature}

    def click(self, payload, number, calls):
        """Buttons are lines of text: the user writes what one stands for."""
        return self.message(payload, number)

    def answer(self, request, number):
        if request.headers.get("authorization") != "Bearer made-up_token":
            return 401, b'{"error": {"code": "unauthorized", "message": "no"}}', JSON
        if request.path == "/v1/me":
            return 200, b'{"id": "BOT", "name": "Assistant"}', JSON
        return 201, json.dumps({"id": f"M{number}"}).encode(), JSON


PLATFORM = MyPlatform()
