"""Mattermost's users, teams, outgoing webhooks and slash commands."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from tests.servers.recording_server import Answer, Recorded

JSON = {"content-type": "application/json"}
ADMIN = "admin-token-made-up"
TEAM = "tm000000000000000000000001"


class MattermostAdministration:
    """One server; bots see themselves, the administrator makes webhooks."""

    def __init__(self, bot_token: str) -> None:
        self.bot_token = bot_token
        self.teams = [{"id": TEAM, "name": "acme"}]
        self.hooks: dict[str, list[dict[str, object]]] = {"hooks/outgoing": [], "commands": []}
        self._number = 0

    def answer(self, request: Recorded) -> Answer:
        path = urlsplit(request.path).path.removeprefix("/api/v4/")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        kind = next((each for each in self.hooks if path.startswith(each)), None)
        if kind is None and path not in ("users/me", "users/me/teams", "teams/name/acme"):
            return None
        if token not in (ADMIN, self.bot_token):
            return self._error(401, "api.context.session_expired.app_error")
        if kind is not None:
            if token != ADMIN:
                return self._error(403, "api.context.permissions.app_error")
            return self._of_kind(kind, path.removeprefix(kind).strip("/"), request)
        if path == "users/me":
            return self._json(200, {"id": "bo000000000000000000000001", "username": "rasa"})
        return self._json(200, self.teams if path == "users/me/teams" else self.teams[0])

    def _of_kind(self, kind: str, hook_id: str, request: Recorded) -> Answer:
        hooks = self.hooks[kind]
        if request.method == "GET":
            return self._json(200, hooks)
        if request.method == "POST":
            self._number += 1
            made = {
                **request.json,
                "id": f"hook{self._number}",
                "token": f"tok26hook{self._number:017}",
            }
            hooks.append(made)
            return self._json(201, made)
        found = next(each for each in hooks if each["id"] == hook_id)
        if request.method == "DELETE":
            hooks.remove(found)
            return self._json(200, {"status": "OK"})
        found.update(request.json)
        return self._json(200, found)

    @staticmethod
    def _json(status: int, document: object) -> Answer:
        return status, json.dumps(document).encode(), JSON

    @classmethod
    def _error(cls, status: int, error_id: str) -> Answer:
        return cls._json(status, {"id": error_id, "message": "no", "status_code": status})
