"""Mattermost's proofs: the webhook's token, and the marks in the bot's own buttons and dialogs."""

from __future__ import annotations

import json
from typing import Any

from channels.mattermost.incoming import ACTION, DIALOG, Incoming, incoming_of
from channels.mattermost.signature import ActionSigner, marked_state
from channels.messages.fields import object_of, text_of
from ops.platforms.signing import Signing, first_of, with_fields
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with its token; clicks and dialogs with the marks of the bot's secret."""
    section = signing.section
    token = first_of(section.get("webhook_tokens"))
    if not token:
        return request
    incoming = incoming_of(request.read())
    signer = ActionSigner(section.get("token") or f"{section.get('user')}:{section.get('pw')}")
    if incoming.kind == ACTION:
        context = object_of(incoming.fields, "context")
        return with_fields(request, context=_signed_context(signer, incoming.channel, context))
    if incoming.kind == DIALOG:
        return with_fields(request, state=_signed_state(signer, incoming))
    signed = with_fields(request, token=token)
    if "authorization" not in request.headers:
        return signed
    return signed.with_headers(authorization=f"Token {token}")


def _signed_state(signer: ActionSigner, incoming: Incoming) -> str:
    """A dialog's state, signed anew; one without a mark, which was redacted, gets one."""
    callback_id, state = (text_of(incoming.fields, key) for key in ("callback_id", "state"))
    marked = marked_state(state)
    if marked:
        return signer.signed_state(incoming.channel, callback_id, marked)
    return signer.state(incoming.channel, callback_id, state, json.dumps(incoming.fields))


def _signed_context(signer: ActionSigner, channel: str, context: dict[str, Any]) -> dict[str, Any]:
    actions = context.get("actions")
    if isinstance(actions, list):
        return {**context, **signer.menu(channel, actions)}
    return {**context, **signer.button(channel, text_of(context, "action"))}
