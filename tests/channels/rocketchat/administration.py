"""Rocket.Chat's integrations, which take the keys of its schema and no others."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from tests.servers.recording_server import Answer, Recorded

JSON = {"content-type": "application/json"}
ADMIN_ID, ADMIN_TOKEN = "uAdmin000000000001", "admin-token-made-up"

#: packages/rest-typings/src/v1/integrations/IntegrationsCreateProps.ts
REQUIRED = {"type", "username", "channel", "event", "scriptEnabled", "name", "enabled"}
TAKEN = REQUIRED | {
    "targetRoom",
    "urls",
    "triggerWords",
    "triggerWordAnywhere",
    "token",
    "script",
    "runOnEdits",
    "retryFailedCalls",
    "retryCount",
    "retryDelay",
    "impersonateUser",
    "alias",
    "avatar",
    "emoji",
}


class RocketChatAdministration:
    """One server; the bot has its login, the administrator makes integrations."""

    def __init__(self, auth_token: str) -> None:
        self.auth_token = auth_token
        self.integrations: list[dict[str, object]] = []
        self._number = 0

    def answer(self, request: Recorded) -> Answer:
        method = urlsplit(request.path).path.removeprefix("/api/v1/")
        if method != "me" and not method.startswith("integrations."):
            return None
        token = request.headers.get("x-auth-token")
        if token not in (ADMIN_TOKEN, self.auth_token):
            return self._failure(401, "You must be logged in to do this.")
        if method == "me":
            return self._success({"_id": "uBot00000000000001", "username": "rasa"})
        if token != ADMIN_TOKEN:
            return self._failure(403, "unauthorized")
        return getattr(self, f"_{method.removeprefix('integrations.')}")(request)

    def _list(self, request: Recorded) -> Answer:
        return self._success({"integrations": self.integrations, "total": len(self.integrations)})

    def _create(self, request: Recorded) -> Answer:
        if not REQUIRED <= request.json.keys() <= TAKEN:
            return self._failure(400, "must NOT have additional properties [invalid-params]")
        self._number += 1
        self.integrations.append({"_id": f"int{self._number}", **self._stored(request.json)})
        return self._success({"integration": self.integrations[-1]})

    def _update(self, request: Recorded) -> Answer:
        if not REQUIRED <= request.json.keys() <= TAKEN | {"integrationId"}:
            return self._failure(400, "must NOT have additional properties [invalid-params]")
        found = self._found(request)
        found.update(self._stored(request.json))
        return self._success({"integration": found})

    def _remove(self, request: Recorded) -> Answer:
        found = self._found(request)
        self.integrations.remove(found)
        return self._success({"integration": found})

    def _found(self, request: Recorded) -> dict[str, object]:
        return next(e for e in self.integrations if e["_id"] == request.json["integrationId"])

    @staticmethod
    def _stored(body: dict[str, object]) -> dict[str, object]:
        kept = {key: value for key, value in body.items() if key != "integrationId"}
        return {**kept, "channel": str(body["channel"]).split(",")}

    @staticmethod
    def _success(document: dict[str, object]) -> Answer:
        return 200, json.dumps({"success": True, **document}).encode(), JSON

    @staticmethod
    def _failure(status: int, error: str) -> Answer:
        return status, json.dumps({"success": False, "error": error}).encode(), JSON
