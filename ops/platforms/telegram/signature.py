"""Telegram's proof: the secret token of setWebhook."""

from __future__ import annotations

from ops.platforms.signing import Signing
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with the secret token; as it is without one."""
    token = signing.section.get("secret_token")
    return request.with_headers(x_telegram_bot_api_secret_token=token) if token else request
