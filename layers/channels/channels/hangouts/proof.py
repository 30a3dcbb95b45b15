"""Google Chat's proof of a request: `Authorization: Bearer <JWT>`, of one of three types.

    issuer                      audience              e-mail                       the app
    chat@system...              project number        -                            classic
    https://accounts.google.com the endpoint's URL    chat@system...               classic
    https://accounts.google.com the endpoint's URL    service-<number>@gcp-sa-...  add-on

Any Google account can get a token of the second issuer for any audience, so only the e-mail
proves who sent it. https://developers.google.com/workspace/chat/verify-requests-from-chat
"""

from __future__ import annotations

from channels.auth.bearer import equal
from channels.auth.issued_token import bearer_token, issued_claims
from channels.auth.key_set import KeySet, fetch_document
from channels.errors import VerificationError
from channels.hangouts.settings import ENDPOINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.http.request import Request

#: The account that Google Chat acts as.
CHAT_ACCOUNT = "chat@system.gserviceaccount.com"

#: The account that calls a project's add-ons.
ADD_ON_ACCOUNT = "service-{project_id}@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"

_GOOGLE = ("https://accounts.google.com", "accounts.google.com")

#: Allowed difference between Google's clock and ours (seconds).
_LEEWAY = 60.0

#: Read timeout for Google's response (seconds); the user is waiting.
_READ = 2.0


class Proof:
    """Verifies requests that Google Chat makes for one app."""

    def __init__(
        self,
        project_id: str,
        audience: str,
        chat_keys_url: str,
        google_keys_url: str,
        memory: Callable[[], KeyValueStore | None],
    ) -> None:
        """Take the project's number and the URL that is the audience, "" if there is none.

        Without `audience`, tokens of the second type are refused: an app of anybody with our URL as
        its endpoint could get them.
        """
        self._project_id = project_id
        self._audience = audience
        self._chat_keys = KeySet("chat", lambda: _keys(chat_keys_url), memory)
        self._google_keys = KeySet("google", lambda: _keys(google_keys_url), memory)

    def verify(self, request: Request) -> None:
        """Raise VerificationError (401, as Google requires), PlatformUnavailable without keys."""
        token = bearer_token(request)
        if _issuer(token) == CHAT_ACCOUNT:
            self._verify_project(token)
        else:
            self._verify_endpoint(token, request.url.partition("?")[0])

    def _verify_project(self, token: str) -> None:
        if not self._project_id:
            raise VerificationError("the token names a project number, but 'project_id' is not set")
        issued_claims(token, self._chat_keys, [CHAT_ACCOUNT], [self._project_id], _LEEWAY)

    def _verify_endpoint(self, token: str, url: str) -> None:
        audience = [url if self._audience in ("", ENDPOINT) else self._audience]
        claims, _ = issued_claims(token, self._google_keys, _GOOGLE, audience, _LEEWAY)
        email = claims.get("email")
        accounts = [CHAT_ACCOUNT] if self._audience else []
        if self._project_id:
            accounts.append(ADD_ON_ACCOUNT.format(project_id=self._project_id))
        known = isinstance(email, str) and any([equal(email, each) for each in accounts])
        if not known or claims.get("email_verified") is not True:
            raise VerificationError("the token belongs to an account other than Google Chat's")


def _issuer(token: str) -> object:
    """The issuer that a token claims, which decides the keys it must be signed with."""
    import jwt

    try:
        return jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.exceptions.PyJWTError, ValueError, RecursionError) as error:
        raise VerificationError(f"the token is invalid: {type(error).__name__}") from error


def _keys(url: str) -> dict[str, Any]:
    return fetch_document(url, "Google", _READ)
