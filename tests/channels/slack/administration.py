"""Slack's auth.test, and the apps.manifest methods of a configuration token."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.servers.recording_server import Answer, Recorded

CONFIG_TOKEN = "xoxe.xoxp-made-up"
SCOPES = (
    "app_mentions:read,chat:write,commands,files:read,files:write,im:history,im:write,"
    "channels:history"
)


class SlackAdministration:
    """One workspace; `asks` is Slack's own check of a request URL, by an app's signing secret."""

    def __init__(self, token: str, signing_secret: str) -> None:
        self.token = token
        self.signing_secret = signing_secret
        self.scopes = SCOPES
        self.apps: dict[str, dict[str, Any]] = {}
        self.asks: Callable[[str], bool] = lambda url: True

    def answer(self, request: Recorded) -> Answer:
        method = request.path.removeprefix("/api/")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if method == "auth.test":
            if token != self.token:
                return self._error("invalid_auth")
            return self._json({"user": "assistant", "team": "Acme", "bot_id": "B1"})
        if not method.startswith("apps.manifest."):
            return None
        if token != CONFIG_TOKEN:
            return self._error("token_expired")
        form = {key: each[0] for key, each in parse_qs(request.body.decode()).items()}
        return self._manifest(method.removeprefix("apps.manifest."), form)

    def _manifest(self, method: str, form: dict[str, str]) -> Answer:
        if method == "create":
            return self._create(json.loads(form["manifest"]))
        if form["app_id"] not in self.apps:
            return self._error("invalid_app_id")
        if method == "export":
            return self._json({"manifest": self.apps[form["app_id"]]})
        return self._save(form["app_id"], json.loads(form["manifest"]))

    def _create(self, manifest: dict[str, Any]) -> Answer:
        problem = _agents_problem(manifest, has_assistant=False)
        if problem:
            return self._error("invalid_manifest", errors=[{"message": problem}])
        app = f"A{len(self.apps) + 1}"
        self.apps[app] = manifest
        credentials = {"signing_secret": self.signing_secret, "client_id": "1.2"}
        return self._json({"app_id": app, "credentials": credentials})

    def _save(self, app: str, manifest: dict[str, Any]) -> Answer:
        has_assistant = "assistant_view" in self.apps[app].get("features", {})
        problem = _agents_problem(manifest, has_assistant=has_assistant)
        if problem:
            return self._error("invalid_manifest", errors=[{"message": problem}])
        events = manifest["settings"].get("event_subscriptions")
        if events and not self.asks(str(events["request_url"])):
            message = {"message": "The request URL did not answer", "pointer": "/settings"}
            return self._error("invalid_manifest", errors=[message])
        self.apps[app] = manifest
        return self._json({"app_id": app})

    def _json(self, document: dict[str, object]) -> Answer:
        headers = {"content-type": "application/json", "x-oauth-scopes": self.scopes}
        return 200, json.dumps({"ok": True, **document}).encode(), headers

    @staticmethod
    def _error(code: str, **more: object) -> Answer:
        body = json.dumps({"ok": False, "error": code, **more}).encode()
        return 200, body, {"content-type": "application/json"}


def _agents_problem(manifest: dict[str, Any], *, has_assistant: bool) -> str:
    """What Slack has against an agent's view and scope since July 2026; "" if nothing.

    An app that never had the assistant view gets only its successor, and the scope takes a view.
    """
    views = {"assistant_view", "agent_view"} & manifest["features"].keys()
    if "assistant_view" in views and not has_assistant:
        return "assistant_view is not available to new apps: use agent_view"
    if "assistant:write" in manifest["oauth_config"]["scopes"]["bot"] and not views:
        return "assistant:write scope should include agent_view feature"
    return ""
