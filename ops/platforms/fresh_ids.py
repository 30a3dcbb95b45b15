"""Fresh message ids in a request, so that it is a new message and not one that was dealt with.

Each channel has its own (`InputChannel.parse` says which): the `with_fresh_ids` of its folder
replaces the fields that it is made of, and nothing that an answer is addressed by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ops.platforms.webhook_request import WebhookRequest


class Fresh(NamedTuple):
    """What fresh ids are made of: 32 hexadecimal digits, and the time (seconds since 1970)."""

    digits: str
    now: float


#: A channel's own way to a new message; raises Failure where that cannot be.
type FreshIds = Callable[[WebhookRequest, Fresh], WebhookRequest]


def of_json(change: Callable[[dict[str, Any], Fresh], None]) -> FreshIds:
    """The way that changes a JSON object in place; what is none stays as it is."""

    def changed(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
        document = request.document
        if document is None:
            return request
        change(document, fresh)
        return request.with_document(document)

    return changed


def of_form(new: Callable[[Fresh], dict[str, str]]) -> FreshIds:
    """The way that gives those fields of a form that it has other values."""

    def changed(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
        fields, found = request.form, new(fresh)
        return request.with_form({**fields, **{k: v for k, v in found.items() if k in fields}})

    return changed
