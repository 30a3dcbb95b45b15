"""Requests that are sent again, proved anew with a stack's own credentials."""

from __future__ import annotations

from channels.http.paths import split_path
from ops.failure import Failure
from ops.platforms import KNOWN
from ops.platforms.signing import Signing
from ops.platforms.webhook_request import WebhookRequest


def sign(request: WebhookRequest, signing: Signing) -> WebhookRequest:
    """The request with a proof of this moment; unchanged where its channel asks for none.

    A channel's health needs none. Raises Failure for a channel that only its platform can sign for.
    """
    if not split_path(request.path)[1]:
        return request
    if request.channel not in KNOWN:
        raise Failure(
            f"How requests of '{request.channel}' are proved is known to its class only",
            "Leave --resign out and give the event a proof that is good for longer, in its file.",
        )
    return KNOWN[request.channel].sign(request, signing)
