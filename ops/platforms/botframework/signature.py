"""The Bot Connector's proof: a token that Microsoft's key signs."""

from __future__ import annotations

from channels.botframework.tokens import ISSUER
from channels.messages.fields import text_of
from ops.platforms.signing import LIFE, Signing, needed_key, with_jwt
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with a token of the key that was given; Failure without one."""
    app_id = signing.section.get("app_id")
    if not app_id:
        return request
    key = needed_key(signing, "Microsoft", "openid_metadata_url")
    service_url = text_of(request.document or {}, "serviceUrl")
    claims = {
        "iss": ISSUER,
        "aud": app_id,
        "serviceurl": service_url,
        "nbf": int(signing.now),
        "exp": int(signing.now) + LIFE,
    }
    return with_jwt(request, claims, key, "RS256")
