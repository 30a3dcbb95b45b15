"""Requests that are sent again as new messages."""

from __future__ import annotations

from ops.failure import Failure
from ops.platforms import KNOWN
from ops.platforms.fresh_ids import Fresh
from ops.platforms.webhook_request import WebhookRequest


def with_new_ids(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    """The request as a new message; raises Failure where that cannot be."""
    if request.channel not in KNOWN:
        raise Failure(
            f"What the messages of '{request.channel}' are known by is known to its class only",
            "Leave --new-id out, and change the id in the event's file.",
        )
    return KNOWN[request.channel].with_fresh_ids(request, fresh)
