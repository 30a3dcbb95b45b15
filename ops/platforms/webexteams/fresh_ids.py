"""Webex's messages have the ids that Webex knows."""

from __future__ import annotations

from ops.failure import Failure
from ops.platforms.fresh_ids import Fresh
from ops.platforms.webhook_request import WebhookRequest


def with_fresh_ids(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    """Raise Failure: a request holds no message but its id."""
    raise Failure(
        "A Webex request only names a message, which is then fetched from Webex",
        "Leave --new-id out: an id that Webex does not know would be no message.",
    )
