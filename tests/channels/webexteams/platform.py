"""Webex: webhooks that only name a message, and the API that has it."""

from __future__ import annotations

import hmac
import json

from tests.channels.webexteams.administration import WebexAdministration
from tests.e2e.platforms.platform import JSON, SECRET, Platform

ANN = {"personId": "PERSON-ANN", "personEmail": "ann@example.com"}


class Webex(Platform):
    name = "webexteams"
    longest = 7439

    def __init__(self) -> None:
        self.administration = WebexAdministration("made-up_token")
        self._written: dict[str, dict[str, object]] = {}

    def credentials(self, url):
        return {
            "access_token": "made-up_token",
            "webhook_secret": SECRET,
            "api_base": f"{url}/v1/",
        }

    def _signed(self, resource, data):
        hook = {"resource": resource, "event": "created", "actorId": "PERSON-ANN", "data": data}
        body = json.dumps(hook).encode()
        signature = hmac.digest(SECRET.encode(), body, "sha1").hex()
        return body, {**JSON, "x-spark-signature": signature}

    def write(self, message: dict[str, object], text: str) -> None:
        """Let a message be there that a webhook names."""
        self._written[f"/v1/messages/{message['id']}"] = {**message, "text": text}

    def message(self, text, number):
        named = {"id": f"MSG{number}", "roomId": "ROOM1", "roomType": "direct", **ANN}
        self.write(named, text)
        return self._signed("messages", named)

    def click(self, payload, number, calls):
        actions = [
            action
            for call in calls
            if call.method == "POST"
            for attachment in call.json.get("attachments", [])
            for action in attachment["content"]["actions"]
        ]
        clicked = next(each for each in actions if each["data"] == {"payload": payload})
        named = {"id": f"ACT{number}", "messageId": "OUT1", "roomId": "ROOM1", **ANN}
        fetched = {**named, "type": "submit", "inputs": clicked["data"]}
        self._written[f"/v1/attachment/actions/ACT{number}"] = fetched
        return self._signed("attachmentActions", {**named, "type": "submit"})

    def answer(self, request, number):
        if request.headers.get("authorization") != "Bearer made-up_token":
            return self._refused(401)
        if request.method == "POST":
            return 200, json.dumps({"id": f"OUT{number}", "roomId": "ROOM1"}).encode(), JSON
        known = {"/v1/people/me": {"id": "PERSON-BOT", "displayName": "Bot"}, **self._written}
        if request.path not in known:
            return self._refused(404)
        return 200, json.dumps(known[request.path]).encode(), JSON

    @staticmethod
    def _refused(status):
        error = {"message": "refused", "errors": [{"description": "refused"}], "trackingId": "R_1"}
        return status, json.dumps(error).encode(), JSON

    def texts(self, request):
        return [request.json["markdown"]] if "markdown" in (self._posted(request)) else []

    @staticmethod
    def _posted(request):
        return request.json if request.method == "POST" else {}


PLATFORM = Webex()
