"""The id of a REST client's message: the field `message_id` of our own."""

from __future__ import annotations

from ops.platforms.fresh_ids import Fresh
from ops.platforms.webhook_request import WebhookRequest


def with_fresh_ids(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    """The request with another `message_id`."""
    document = request.document
    return request.with_document({**document, "message_id": fresh.digits}) if document else request
