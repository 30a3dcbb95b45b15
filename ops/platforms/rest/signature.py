"""REST's proof: the client's token, or one of its key."""

from __future__ import annotations

from ops.platforms.signing import LIFE, PrivateKey, Signing, needed_key, with_jwt
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with a bearer token; as it is where the section asks for none."""
    token, key = signing.section.get("token"), signing.section.get("jwt_key")
    if token:
        return request.with_headers(authorization=f"Bearer {token}")
    if not key:
        return request
    method = signing.section.get("jwt_method") or "HS256"
    claims = {"sub": "replay", "iat": int(signing.now), "exp": int(signing.now) + LIFE}
    if method.upper().startswith("HS"):
        return with_jwt(request, claims, PrivateKey(key), method)
    return with_jwt(request, claims, needed_key(signing, "your clients", "jwt_key"), method)
