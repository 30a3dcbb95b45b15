"""Messenger: its users and its server."""

from __future__ import annotations

import hmac
import json

from tests.channels.facebook.administration import MetaAdministration
from tests.e2e.platforms.platform import JSON, SECRET, Platform


class Facebook(Platform):
    name = "facebook"
    longest = 2000
    example = "text"

    def __init__(self) -> None:
        self.administration = MetaAdministration(SECRET, {"PAGE": "EAAG-made-up"})

    def credentials(self, url):
        return {
            "verify": "made-up",
            "secret": SECRET,
            "page-access-token": "EAAG-made-up",
            "api_base": url,
        }

    def _signed(self, event):
        entry = {"id": "PAGE", "messaging": [{"sender": {"id": "PSID"}, **event}]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        digest = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        return body, {**JSON, "x-hub-signature-256": f"sha256={digest}"}

    def message(self, text, number):
        return self._signed(
            {"recipient": {"id": "PAGE"}, "message": {"mid": f"m{number}", "text": text}}
        )

    def click(self, payload, number, calls):
        postback = {"mid": f"p{number}", "title": "T", "payload": payload}
        return self._signed({"recipient": {"id": "PAGE"}, "postback": postback})

    def answer(self, request, number):
        return 200, json.dumps({"recipient_id": "PSID", "message_id": f"o{number}"}).encode(), JSON

    def limited(self):
        told = {"message": "too many", "type": "OAuthException", "code": 613, "fbtrace_id": "x"}
        # In minutes; Meta says whole ones.
        usage = {"PAGE": [{"type": "messenger", "estimated_time_to_regain_access": 0.02}]}
        headers = {**JSON, "x-business-use-case-usage": json.dumps(usage)}
        return 400, json.dumps({"error": told}).encode(), headers

    def texts(self, request):
        posted = request.json if request.body.startswith(b"{") else {}
        message = posted.get("message") or {}
        template = ((message.get("attachment") or {}).get("payload") or {}).get("text")
        return [text for text in (message.get("text"), template) if text]


PLATFORM = Facebook()
