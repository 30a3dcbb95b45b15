"""Microsoft's proof of an activity: a JWT of the Bot Connector service.

    Authorization: Bearer <JWT>    iss https://api.botframework.com, aud <app id>, serviceurl <URL>

The token says nothing of the activity but the service URL, and that is what the bot's own token is
sent to: the two must agree. Tokens of other issuers (the Emulator's, other bots') carry no service
URL and are refused. Source: learn.microsoft.com, "Authentication with the Bot Connector API".
"""

from __future__ import annotations

import json

from channels.botframework.fields import objects_of, text_of
from channels.errors import PayloadError, PlatformUnavailable, VerificationError
from channels.issued_token import bearer_token, issued_claims

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.key_set import KeySet
    from channels.request import Request

#: Where Microsoft publishes the address of the Bot Connector's keys.
OPENID_METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"

ISSUER = "https://api.botframework.com"

#: What clocks may differ by, as in Microsoft's SDKs (seconds).
LEEWAY = 300

#: Limits of one fetch (seconds); the platform waits 15 seconds for the whole answer.
_CONNECT, _READ = 2.0, 3.0


class ActivityTokens:
    """Checks that requests carry a token for one bot."""

    def __init__(self, app_id: str, keys: KeySet) -> None:
        """`app_id` is the bot's, `keys` are the Bot Connector's."""
        self._app_id = app_id
        self._keys = keys

    def check(self, request: Request) -> None:
        """Raise VerificationError: 401 without a token, 403 with one that proves nothing.

        PlatformUnavailable when the keys cannot be had.
        """
        token = bearer_token(request)
        try:
            claims, key = issued_claims(token, self._keys, [ISSUER], [self._app_id], LEEWAY)
        except VerificationError as error:
            raise VerificationError(str(error), 403) from error
        activity = activity_of(request)
        if activity is not None:
            _check_activity(activity, claims, key)


def activity_of(request: Request) -> dict[str, Any] | None:
    """The activity of a request; None when its body is no JSON object."""
    try:
        activity = request.json
    except PayloadError:
        return None
    return activity if isinstance(activity, dict) else None


def same_service(one: str, other: str) -> bool:
    """Whether two service URLs are one; a slash at the end makes no difference."""
    return bool(one) and one.rstrip("/") == other.rstrip("/")


def fetch_keys(metadata_url: str) -> dict[str, Any]:
    """The key set (JWKS) that an OpenID metadata document points at; PlatformUnavailable."""
    keys_url = text_of(_fetched(metadata_url), "jwks_uri")
    keys = (
        objects_of(_fetched(keys_url), "keys") if keys_url.startswith(("https:", "http:")) else []
    )
    if not keys:
        raise PlatformUnavailable("the Bot Connector's keys: none where its metadata says")
    return {"keys": keys}


def _check_activity(activity: dict[str, Any], claims: dict[str, Any], key: dict[str, Any]) -> None:
    # Real tokens spell the claim in lower case, Microsoft's documentation does not.
    claimed = text_of(claims, "serviceurl") or text_of(claims, "serviceUrl")
    if not same_service(claimed, text_of(activity, "serviceUrl")):
        raise VerificationError("the activity's serviceUrl is not the token's", 403)
    endorsements = key.get("endorsements")
    if endorsements and activity.get("channelId") not in endorsements:
        raise VerificationError("the token's key is not endorsed for the activity's channelId", 403)


def _fetched(url: str) -> dict[str, Any]:
    import urllib3

    timeout = urllib3.Timeout(connect=_CONNECT, read=_READ)
    try:
        with urllib3.PoolManager(timeout=timeout, retries=False) as http:
            answer = http.request("GET", url, redirect=False)
        document = json.loads(answer.data) if answer.status == 200 else None
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise PlatformUnavailable(f"the Bot Connector's keys: {type(error).__name__}") from error
    if not isinstance(document, dict):
        raise PlatformUnavailable(f"the Bot Connector's keys: status {answer.status}, no JSON")
    return document
