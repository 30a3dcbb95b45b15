"""Rocket.Chat's proofs: the token of an integration in the body, livechat's in a header."""

from __future__ import annotations

from channels.rocketchat.input import LIVECHAT_TOKEN_HEADER
from ops.platforms.signing import Signing, first_of, with_fields
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with the token of its kind; as it is without one."""
    token = first_of(signing.section.get("webhook_token"))
    is_livechat = LIVECHAT_TOKEN_HEADER in request.headers or "visitor" in (request.document or {})
    if is_livechat:
        livechat = first_of(signing.section.get("livechat_token")) or token
        return request.with_headers(x_rocketchat_livechat_token=livechat) if livechat else request
    return with_fields(request, token=token) if token else request
