"""My Platform's proof: a digest of the body."""

from __future__ import annotations

import hmac

from ops.platforms.signing import Signing
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request signed; as it is without a webhook's secret."""
    secret = signing.section.get("webhook_secret")
    if not secret:
        return request
    digest = hmac.digest(secret.encode(), request.body, "sha256").hex()
    return request.with_headers(x_signature_256=digest)
