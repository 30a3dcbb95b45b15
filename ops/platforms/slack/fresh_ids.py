"""What Slack's messages are known by: event ids, times, trigger ids."""

from __future__ import annotations

import json
from typing import Any

from channels.messages.fields import object_of, objects_of
from ops.platforms.fresh_ids import Fresh, of_form, of_json
from ops.platforms.webhook_request import WebhookRequest


def with_fresh_ids(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    """The event, the command or the interaction as a new one."""
    ts = f"{fresh.now:.6f}"
    if not request.has_form:
        return of_json(_renew_event)(request, fresh)
    fields = request.form
    if "payload" not in fields:
        return of_form(lambda _: {"trigger_id": fresh.digits})(request, fresh)
    interaction = json.loads(fields["payload"])
    interaction["trigger_id"] = fresh.digits
    for action in objects_of(interaction, "actions"):
        action["action_ts"] = ts
    if "view" in interaction:
        interaction["view"]["hash"] = fresh.digits
    return request.with_form({**fields, "payload": json.dumps(interaction)})


def _renew_event(body: dict[str, Any], fresh: Fresh) -> None:
    body["event_id"] = f"Ev{fresh.digits}"
    event, ts = object_of(body, "event"), f"{fresh.now:.6f}"
    event["event_ts"] = ts
    edited = object_of(object_of(event, "message"), "edited")
    (edited if "message" in event else event)["ts"] = ts
