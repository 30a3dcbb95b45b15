"""Teams behind the Bot Framework: its tokens and keys, Microsoft's login, and the Bot Connector.

Keys and logins change in the middle of a test, as they do in the world.
"""

from __future__ import annotations

import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.e2e.platforms.platform import JSON, Platform

APP_ID = "11111111-2222-3333-4444-555555555555"
CONVERSATION = "a:1/2;messageid=3"


class BotFramework(Platform):
    name = "botframework"
    longest = 4000
    example = "text"

    def __init__(self) -> None:
        self._url = ""
        self._key_number = 0
        self._login_number = 0
        self._refused: set[str] = set()
        self.rotate_key()

    def rotate_key(self) -> None:
        """Sign with a new key from now on; the old one is not published any more."""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key_number += 1

    @property
    def private_key(self) -> tuple[str, str]:
        """The present key in PEM format, and its id."""
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem.decode(), f"key-{self._key_number}"

    def expire_login(self) -> None:
        """Refuse all tokens of before: functions and commands have logged in for themselves."""
        self._refused |= {f"bot-token-{number + 1}" for number in range(self._login_number)}

    def credentials(self, url):
        self._url = url
        return {
            "app_id": APP_ID,
            "app_password": "made-up~secret",
            "app_tenant_id": "99999999-8888-7777-6666-555555555555",
            "token_url": f"{url}/login",
            "openid_metadata_url": f"{url}/openid",
        }

    def _signed(self, activity):
        now = int(time.time())
        claims = {
            "iss": "https://api.botframework.com",
            "aud": APP_ID,
            "serviceurl": f"{self._url}/teams/",
            "nbf": now - 60,
            "exp": now + 3600,
        }
        header = {"kid": f"key-{self._key_number}"}
        token = jwt.encode(claims, self._key, algorithm="RS256", headers=header)
        document = {
            "channelId": "msteams",
            "serviceUrl": f"{self._url}/teams/",
            "from": {"id": "29:ann", "name": "Ann"},
            "recipient": {"id": "28:bot", "name": "Bot"},
            "conversation": {"id": CONVERSATION, "conversationType": "personal"},
            **activity,
        }
        return json.dumps(document).encode(), {**JSON, "authorization": f"Bearer {token}"}

    def message(self, text, number):
        return self._signed({"type": "message", "id": f"in{number}", "text": text})

    def click(self, payload, number, calls):
        buttons = [
            button
            for call in calls
            if call.path.endswith("/activities")
            for attachment in call.json.get("attachments", [])
            for button in attachment["content"].get("buttons", [])
        ]
        clicked = next(each for each in buttons if each["value"] == {"payload": payload})
        assert clicked["type"] == "messageBack"
        said = {"text": clicked["text"], "value": clicked["value"]}
        return self._signed({"type": "message", "id": f"in{number}", **said})

    def unsigned(self, text, number):
        body, _ = self.message(text, number)
        return body, JSON

    def answer(self, request, number):
        if request.path == "/openid":
            return self._json({"jwks_uri": f"{self._url}/keys"})
        if request.path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
            known = {"kid": f"key-{self._key_number}", "endorsements": ["msteams"]}
            return self._json({"keys": [{**key, **known}]})
        if request.path == "/login":
            self._login_number += 1
            token = f"bot-token-{self._login_number}"
            return self._json({"access_token": token, "expires_in": 3600})
        _, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or token in self._refused:
            told = {"message": "Authorization has been denied for this request."}
            return 401, json.dumps(told).encode(), JSON
        assert request.path == "/teams/v3/conversations/a%3A1%2F2%3Bmessageid%3D3/activities"
        if request.json["type"] == "typing":
            return 202, b"", {}
        return 201, json.dumps({"id": f"out{number}"}).encode(), JSON

    @staticmethod
    def _json(document):
        return 200, json.dumps(document).encode(), JSON


PLATFORM = BotFramework()
