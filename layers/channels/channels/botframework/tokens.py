"""Microsoft's proof of an activity: a JWT issued by the Bot Connector service.

    Authorization: Bearer <JWT>    iss https://api.botframework.com, aud <app id>, serviceurl <URL>

Of the activity, the token covers only the service URL, and that is where the bot's own token is
sent, so the two must match. Tokens of other issuers (the Emulator, other bots) carry no service
URL and are refused. Source: learn.microsoft.com, "Authentication with the Bot Connector API".
"""

from __future__ import annotations

from channels.auth.issued_token import bearer_token, issued_claims
from channels.auth.key_set import fetch_document
from channels.errors import PlatformUnavailable, VerificationError
from channels.messages.fields import body_object, objects_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.auth.key_set import KeySet
    from channels.http.request import Request

#: Where Microsoft publishes the address of the Bot Connector's keys.
OPENID_METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"

ISSUER = "https://api.botframework.com"

#: Allowed clock difference, as in Microsoft's SDKs (seconds).
LEEWAY = 300

#: Read timeout of each of the two documents (seconds); the platform waits 15 for the response.
_READ = 3.0

_CONNECTOR = "the Bot Connector"


class ActivityTokens:
    """Checks that requests carry a token for one bot."""

    def __init__(self, app_id: str, keys: KeySet) -> None:
        """`app_id` is the bot's, `keys` are the Bot Connector's."""
        self._app_id = app_id
        self._keys = keys

    def check(self, request: Request) -> None:
        """Raise VerificationError: 401 without a token, 403 with a token that proves nothing.

        Raises PlatformUnavailable if the keys cannot be fetched.
        """
        token = bearer_token(request)
        try:
            claims, key = issued_claims(token, self._keys, [ISSUER], [self._app_id], LEEWAY)
        except VerificationError as error:
            raise VerificationError(str(error), 403) from error
        activity = body_object(request)
        if activity is not None:
            _check_activity(activity, claims, key)


def same_service(one: str, other: str) -> bool:
    """Whether two service URLs are the same; a trailing slash makes no difference."""
    return bool(one) and one.rstrip("/") == other.rstrip("/")


def fetch_keys(metadata_url: str) -> dict[str, Any]:
    """Fetch the key set (JWKS) that an OpenID metadata document names; PlatformUnavailable."""
    keys_url = text_of(fetch_document(metadata_url, _CONNECTOR, _READ), "jwks_uri")
    is_url = keys_url.startswith(("https:", "http:"))
    keys = objects_of(fetch_document(keys_url, _CONNECTOR, _READ), "keys") if is_url else []
    if not keys:
        raise PlatformUnavailable(f"no keys from {_CONNECTOR} at the URL in its metadata")
    return {"keys": keys}


def _check_activity(activity: dict[str, Any], claims: dict[str, Any], key: dict[str, Any]) -> None:
    # Real tokens spell the claim in lower case; Microsoft's documentation does not.
    claimed = text_of(claims, "serviceurl") or text_of(claims, "serviceUrl")
    if not same_service(claimed, text_of(activity, "serviceUrl")):
        raise VerificationError("the activity's serviceUrl is not the token's", 403)
    endorsements = key.get("endorsements")
    if endorsements and activity.get("channelId") not in endorsements:
        raise VerificationError("the token's key is not endorsed for the activity's channelId", 403)
