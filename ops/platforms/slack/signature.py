"""Slack's proof: its signature of the body and the time."""

from __future__ import annotations

from channels.slack.signature import SignatureVerifier
from ops.platforms.signing import Signing
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request signed now; as it is without a signing secret."""
    secret = signing.section.get("slack_signing_secret")
    if not secret:
        return request
    timestamp = str(int(signing.now))
    return request.with_headers(
        x_slack_request_timestamp=timestamp,
        x_slack_signature=SignatureVerifier(secret).sign(request.body, timestamp),
    )
