"""Google Chat's proof of a request: `Authorization: Bearer <JWT>`, of one of three kinds.

    issuer                      audience              e-mail                       the app
    chat@system...              project number        -                            classic
    https://accounts.google.com the endpoint's URL    chat@system...               classic
    https://accounts.google.com the endpoint's URL    service-<number>@gcp-sa-...  add-on

Every account of Google can get a token of the second issuer for any audience: the e-mail tells
whose it is. https://developers.google.com/workspace/chat/verify-requests-from-chat
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

#: The account that add-ons of a project are called by.
ADD_ON_ACCOUNT = "service-{project_id}@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"

_GOOGLE = ("https://accounts.google.com", "accounts.google.com")

#: What Google's clock and ours may differ by (seconds).
_LEEWAY = 60.0

#: What is waited for Google's answer (seconds): the user is waiting.
_READ = 2.0


class Proof:
    """Accepts requests that Google Chat makes for one app."""

    def __init__(
        self,
        project_id: str,
        audience: str,
        chat_keys_url: str,
        google_keys_url: str,
        memory: Callable[[], KeyValueStore | None],
    ) -> None:
        """Take the project's number and the URL that is the audience, "" where there is none.

        Without `audience` tokens of the second kind are refused: an app of anybody's that has our
        URL as its endpoint gets them.
        """
        self._project_id = project_id
        self._audience = audience
        self._chat_keys = KeySet("chat", lambda: _keys(chat_keys_url), memory)
        self._google_keys = KeySet("google", lambda: _keys(google_keys_url), memory)

    def verify(self, request: Request) -> None:
        """Raise VerificationError (401, as Google asks for), PlatformUnavailable without keys."""
        token = bearer_token(request)
        if _issuer(token) == CHAT_ACCOUNT:
            self._verify_project(token)
        else:
            self._verify_endpoint(token, request.url.partition("?")[0])

    def _verify_project(self, token: str) -> None:
        if not self._project_id:
            raise VerificationError("a token for a project's number, and no 'project_id' is set")
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
            raise VerificationError("the token is another account's than Google Chat's")


def _issuer(token: str) -> object:
    """Who issued a token, by its own account: decides which keys it has to be signed with."""
    import jwt

    try:
        return jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.exceptions.PyJWTError, ValueError, RecursionError) as error:
        raise VerificationError(f"the token is refused: {type(error).__name__}") from error


def _keys(url: str) -> dict[str, Any]:
    return fetch_document(url, "Google", _READ)
