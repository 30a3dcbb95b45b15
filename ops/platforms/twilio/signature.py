"""Twilio's proof: its signature of the address and the form."""

from __future__ import annotations

from channels.errors import VerificationError
from channels.twilio.signature import SignatureVerifier
from ops.failure import Failure
from ops.platforms.signing import Signing
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request signed; Failure for a shared key that the section lacks."""
    section = signing.section
    secrets = SignatureVerifier(
        section.get("auth_token"),
        section.get("secondary_auth_token"),
        section.get("webhook_shared_keys"),
    )
    try:
        signature = secrets.sign(request.read(signing.base_url))
    except VerificationError as error:
        raise Failure(
            f"The request cannot be signed: {error}",
            "Take its header X-Twilio-Webhooks-Signature-Settings away, or add the key.",
        ) from error
    return request.with_headers(x_twilio_signature=signature) if signature else request
