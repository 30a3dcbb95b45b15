"""Google Chat: its tokens and keys, Google's login, and the Chat API.

Keys and logins change in the middle of a test, as they do in the world.
"""

from __future__ import annotations

import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.e2e.platforms.platform import JSON, Platform

CHAT = "chat@system.gserviceaccount.com"
PROJECT = "1234567890"


class GoogleChat(Platform):
    name = "hangouts"
    longest = 32_000
    example = "direct_message"
    answers_in_request = True

    def __init__(self) -> None:
        self._key_number = 0
        self._login_number = 0
        self._refused: set[str] = set()
        self._account_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
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
        """Refuse the bot's present token from now on."""
        self._refused.add(f"bot-token-{self._login_number}")

    def credentials(self, url):
        private_key = self._account_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        return {
            "project_id": PROJECT,
            "chat_keys_url": f"{url}/keys",
            "api_base": f"{url}/v1/",
            "service_account": {
                "type": "service_account",
                "client_email": "bot@made-up.iam.gserviceaccount.com",
                "private_key_id": "key-1",
                "private_key": private_key.decode(),
                "token_uri": f"{url}/login",
            },
        }

    def _signed(self, event):
        now = int(time.time())
        claims = {"iss": CHAT, "aud": PROJECT, "iat": now, "exp": now + 3600}
        header = {"kid": f"key-{self._key_number}"}
        token = jwt.encode(claims, self._key, algorithm="RS256", headers=header)
        document = {
            "eventTime": "2026-01-01T00:00:00.000000Z",
            "user": {"name": "users/111", "displayName": "Ann", "type": "HUMAN"},
            "space": {"name": "spaces/AAA", "spaceType": "DIRECT_MESSAGE", "type": "DM"},
            **event,
        }
        return json.dumps(document).encode(), {**JSON, "authorization": f"Bearer {token}"}

    def message(self, text, number):
        message = {"name": f"spaces/AAA/messages/M{number}.M{number}", "text": text}
        return self._signed({"type": "MESSAGE", "message": message})

    def click(self, payload, number, calls):
        parameters = [{"key": "payload", "value": payload}]
        event = {
            "type": "CARD_CLICKED",
            "eventTime": f"2026-01-01T00:00:{number:02}.000000Z",
            "message": {"name": "spaces/AAA/messages/OUT1.OUT1"},
            "action": {"actionMethodName": "rasa_payload", "parameters": parameters},
        }
        return self._signed(event)

    def unsigned(self, text, number):
        body, _ = self.message(text, number)
        return body, JSON

    def answer(self, request, number):
        path, _, _ = request.path.partition("?")
        if path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
            keys = {"keys": [{**key, "kid": f"key-{self._key_number}"}]}
            return 200, json.dumps(keys).encode(), JSON
        if path == "/login":
            self._login_number += 1
            token = {"access_token": f"bot-token-{self._login_number}", "expires_in": 3600}
            return 200, json.dumps(token).encode(), JSON
        _, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or token in self._refused:
            error = {"code": 401, "message": "no", "status": "UNAUTHENTICATED"}
            return 401, json.dumps({"error": error}).encode(), JSON
        name = {"name": f"spaces/AAA/messages/OUT{number}.OUT{number}"}
        return 200, json.dumps(name).encode(), JSON


PLATFORM = GoogleChat()
