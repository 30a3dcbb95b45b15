"""What Mattermost's requests are known by: `post_id`, `trigger_id`, a dialog's state."""

from __future__ import annotations

from typing import Any

from channels.mattermost.signature import remarked_state
from channels.messages.fields import text_of
from ops.platforms.fresh_ids import Fresh, of_form, of_json
from ops.platforms.webhook_request import WebhookRequest


def with_fresh_ids(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    """The post, the command, the click or the submission as a new one."""
    if request.method == "GET" or request.has_form:
        new = {"post_id": fresh.digits[:26], "trigger_id": fresh.digits}
        return of_form(lambda _: new)(request, fresh)
    return of_json(_renew_json)(request, fresh)


def _renew_json(body: dict[str, Any], fresh: Fresh) -> None:
    """A dialog has no id but the mark in its state, which has to be signed anew."""
    new = {"post_id": fresh.digits[:26], "trigger_id": fresh.digits}
    if text_of(body, "type") == "dialog_submission":
        new["state"] = remarked_state(text_of(body, "state"), fresh.digits)
    body.update({key: value for key, value in new.items() if key in body})
