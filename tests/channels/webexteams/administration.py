"""Webex's webhooks: a second one is made where one is there, and all of them are called."""

from __future__ import annotations

import json

from tests.servers.recording_server import Answer, Recorded

JSON = {"content-type": "application/json"}


class WebexAdministration:
    """One bot's webhooks."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.hooks: list[dict[str, object]] = []
        self._number = 0

    def answer(self, request: Recorded) -> Answer:
        path = request.path.partition("?")[0].removeprefix("/v1/")
        if path == "people/me" or path.partition("/")[0] == "webhooks":
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return 401, b'{"message": "The request requires a valid access token."}', JSON
            if path == "people/me":
                return self._json({"id": "PERSON-BOT", "displayName": "Assistant", "type": "bot"})
            return self._webhooks(request, path.partition("/")[2])
        return None

    def _webhooks(self, request: Recorded, hook_id: str) -> Answer:
        if request.method == "GET":
            return self._json({"items": self.hooks})
        if request.method == "POST":
            self._number += 1
            made = {"id": f"WH{self._number}", "status": "active", **request.json}
            self.hooks.append(made)
            return self._json(made)
        found = [each for each in self.hooks if each["id"] == hook_id]
        if not found:
            return 404, b'{"message": "The requested resource could not be found."}', JSON
        if request.method == "DELETE":
            self.hooks.remove(found[0])
            return 204, b"", {}
        found[0].update(request.json)
        return self._json(found[0])

    @staticmethod
    def _json(document: object) -> Answer:
        return 200, json.dumps(document).encode(), JSON
