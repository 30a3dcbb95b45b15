"""Meta's proof: a digest of the body, or the verify token in its own question."""

from __future__ import annotations

import hmac
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from ops.platforms.signing import Signing, first_of
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request signed, or Meta's question with the stack's verify token."""
    verify_token = signing.section.get("verify")
    query = dict(parse_qsl(request.query_string, keep_blank_values=True))
    if "hub.verify_token" in query and verify_token:
        query["hub.verify_token"] = str(verify_token)
        return replace(request, query_string=urlencode(query))
    secret = first_of(signing.section.get("secret"))
    if not secret:
        return request
    digest = hmac.digest(secret.encode(), request.body, "sha256").hex()
    return request.with_headers(x_hub_signature_256=f"sha256={digest}")
