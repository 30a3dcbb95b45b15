"""Google Chat's proof: a token that Google's key signs."""

from __future__ import annotations

from channels.hangouts.proof import CHAT_ACCOUNT
from ops.platforms.signing import LIFE, Signing, needed_key, with_jwt
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with a token of the key that was given; Failure without one."""
    project = signing.section.get("project_id")
    if not project:
        needed_key(signing._replace(key=None), "Google", "chat_keys_url, with project_id")
    key = needed_key(signing, "Google", "chat_keys_url")
    now = int(signing.now)
    claims = {"iss": CHAT_ACCOUNT, "aud": str(project), "iat": now, "exp": now + LIFE}
    return with_jwt(request, claims, key, "RS256")
