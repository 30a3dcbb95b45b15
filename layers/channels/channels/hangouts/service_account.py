"""The Google service account that the bot posts as, and its access tokens.

    POST <token_uri>    grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer, assertion=<JWT>

The JWT is signed with the account's private key (RFC 7523).
"""

from __future__ import annotations

import json
import time

from channels.errors import PlatformUnavailable
from channels.hangouts.settings import SECTION
from channels.messages.fields import as_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.errors import CredentialsError

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

_SCOPE = "https://www.googleapis.com/auth/chat.bot"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

#: Lifetime of an assertion (seconds), the longest that Google accepts.
_LIFETIME = 3600


class ServiceAccount:
    """A service account, from its JSON key as downloaded from the Google Cloud console."""

    def __init__(self, key: object) -> None:
        """Take the key as an object or its JSON text; CredentialsError if it is neither."""
        fields = key if isinstance(key, dict) else _object(key)
        self.email = _field(fields, "client_email")
        self._private_key = _field(fields, "private_key")
        self._key_id = fields.get("private_key_id")
        self._token_uri = fields.get("token_uri") or TOKEN_URI

    def check(self) -> None:
        """Raise CredentialsError unless the private key can sign."""
        self._assertion()

    def log_in(self) -> tuple[str, float]:
        """Request an access token; returns it with its lifetime (seconds).

        Raises CredentialsError if Google rejects the account, PlatformUnavailable, and RateLimited.
        """
        from channels.clients.answer_form import token_answers
        from channels.clients.platform_api import PlatformApi

        api = PlatformApi(self._token_uri, answers=token_answers("Google", "service_account"))
        try:
            grant = {"grant_type": _GRANT, "assertion": self._assertion()}
            answer = api.call("POST", "", form=grant)
        finally:
            api.close()
        document = as_object(answer.json)
        token, seconds = document.get("access_token"), document.get("expires_in")
        if isinstance(token, str) and isinstance(seconds, int | float):
            return token, float(seconds)
        if answer.status < 400:
            raise PlatformUnavailable(f"login: status {answer.status} without a token")
        raise _refused(
            f"Google rejected it ({answer.without_sent(str(document.get('error', answer.status)))})"
        )

    def _assertion(self) -> str:
        import jwt

        now = int(time.time())
        claims = {
            "iss": self.email,
            "scope": _SCOPE,
            "aud": self._token_uri,
            "iat": now,
            "exp": now + _LIFETIME,
        }
        headers = {"kid": self._key_id} if isinstance(self._key_id, str) else None
        try:
            return jwt.encode(claims, self._private_key, algorithm="RS256", headers=headers)
        except (jwt.exceptions.PyJWTError, ValueError, TypeError) as error:
            raise _refused(f"'private_key' is invalid ({type(error).__name__})") from error


def _object(text: object) -> dict[str, Any]:
    try:
        fields = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise _refused("it must be the JSON key of a service account")
    return fields


def _field(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _refused(f"it has no '{name}'")
    return value.strip()


def _refused(reason: str) -> CredentialsError:
    return SECTION.wrong("service_account", f"cannot be used: {reason}")
