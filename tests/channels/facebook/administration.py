"""Graph, as far as it is about subscriptions: the app's, and the pages' to the app."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from tests.servers.recording_server import Answer, Recorded

JSON = {"content-type": "application/json"}
APP = "900001"


class MetaAdministration:
    """One app with its pages (id -> token); `asks` is Meta's own check of a webhook."""

    def __init__(self, secret: str, pages: dict[str, str]) -> None:
        self.secret = secret
        self.pages = pages
        self.subscriptions: dict[str, dict[str, object]] = {}
        self.subscribed: dict[str, list[str]] = {}
        self.asks: Callable[[str, str], bool] = lambda url, verify_token: True

    def answer(self, request: Recorded) -> Answer:
        parts = urlsplit(request.path)
        _, _, *path = parts.path.split("/")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        form = {key: each[0] for key, each in parse_qs(request.body.decode()).items()}
        if path == [APP, "subscriptions"]:
            if token != f"{APP}|{self.secret}":
                return self._error(190)
            return self._subscriptions(request.method, form)
        return self._as_page(request.method, path, parts.query, token, form)

    def _as_page(
        self, method: str, path: list[str], query: str, token: str, form: dict[str, str]
    ) -> Answer:
        page = next((each for each, known in self.pages.items() if known == token), None)
        proof = hmac.new(self.secret.encode(), token.encode(), "sha256").hexdigest()
        if path not in (["me"], ["app"]) and path[1:] != ["subscribed_apps"]:
            return None
        if page is None or parse_qs(query).get("appsecret_proof") != [proof]:
            return self._error(190)
        if path[1:] == ["subscribed_apps"]:
            return self._subscribed(method, page, form)
        known = {"me": {"id": page, "name": f"Page {page}"}, "app": {"id": APP, "name": "A"}}
        return self._json(known[path[0]])

    def _subscriptions(self, method: str, form: dict[str, str]) -> Answer:
        if method == "GET":
            return self._json({"data": list(self.subscriptions.values())})
        if method == "DELETE":
            self.subscriptions.pop(form["object"], None)
            return self._json({"success": True})
        if not self.asks(form["callback_url"], form["verify_token"]):
            return self._error(2200)
        self.subscriptions[form["object"]] = {
            "object": form["object"],
            "callback_url": form["callback_url"],
            "active": True,
            "fields": [{"name": each, "version": "v25.0"} for each in form["fields"].split(",")],
        }
        return self._json({"success": True})

    def _subscribed(self, method: str, page: str, form: dict[str, str]) -> Answer:
        if method == "POST":
            self.subscribed[page] = form["subscribed_fields"].split(",")
            return self._json({"success": True})
        if method == "DELETE":
            self.subscribed.pop(page, None)
            return self._json({"success": True})
        fields = self.subscribed.get(page)
        apps = [] if fields is None else [{"id": APP, "subscribed_fields": fields}]
        return self._json({"data": apps})

    @staticmethod
    def _json(document: object) -> Answer:
        return 200, json.dumps(document).encode(), JSON

    @staticmethod
    def _error(code: int) -> Answer:
        error = {"message": "refused", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
        return 400, json.dumps({"error": error}).encode(), JSON
