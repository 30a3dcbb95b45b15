"""Fresh message ids in a request, so that it is a new message and not one that was dealt with.

Each channel has its own (`InputChannel.parse` says which): what is replaced here are the fields
that it is made of, and nothing that an answer is addressed by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from channels.mattermost.signature import remarked_state
from channels.messages.fields import object_of, objects_of, text_of
from ops.failure import Failure
from ops.platforms.webhook_request import WebhookRequest

_GOOGLE_MESSAGE = re.compile(r"(spaces/[^/]+/messages)/.+")


class Fresh(NamedTuple):
    """What fresh ids are made of: 32 hexadecimal digits, and the time (seconds since 1970)."""

    digits: str
    now: float


def with_new_ids(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    """The request as a new message; raises Failure where that cannot be."""
    if request.channel == "webexteams":
        raise Failure(
            "A Webex request only names a message, which is then fetched from Webex",
            "Leave --new-id out: an id that Webex does not know would be no message.",
        )
    change = _CHANGES.get(request.channel)
    if change is None:
        raise Failure(
            f"What the messages of '{request.channel}' are known by is known to its class only",
            "Leave --new-id out, and change the id in the event's file.",
        )
    return change(request, fresh)


def _of_json(
    change: Callable[[dict[str, Any], Fresh], None],
) -> Callable[[WebhookRequest, Fresh], WebhookRequest]:
    def changed(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
        document = request.document
        if document is None:
            return request
        change(document, fresh)
        return request.with_document(document)

    return changed


def _of_form(
    new: Callable[[Fresh], dict[str, str]],
) -> Callable[[WebhookRequest, Fresh], WebhookRequest]:
    def changed(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
        fields, found = request.form, new(fresh)
        return request.with_form({**fields, **{k: v for k, v in found.items() if k in fields}})

    return changed


def _named(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    """REST and callback: the field `message_id` of our own."""
    document = request.document
    return request.with_document({**document, "message_id": fresh.digits}) if document else request


def _slack(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    ts = f"{fresh.now:.6f}"
    if not request.has_form:
        return _of_json(_slack_event)(request, fresh)
    fields = request.form
    if "payload" not in fields:
        return _of_form(lambda _: {"trigger_id": fresh.digits})(request, fresh)
    interaction = json.loads(fields["payload"])
    interaction["trigger_id"] = fresh.digits
    for action in objects_of(interaction, "actions"):
        action["action_ts"] = ts
    if "view" in interaction:
        interaction["view"]["hash"] = fresh.digits
    return request.with_form({**fields, "payload": json.dumps(interaction)})


def _slack_event(body: dict[str, Any], fresh: Fresh) -> None:
    body["event_id"] = f"Ev{fresh.digits}"
    event, ts = object_of(body, "event"), f"{fresh.now:.6f}"
    event["event_ts"] = ts
    edited = object_of(object_of(event, "message"), "edited")
    (edited if "message" in event else event)["ts"] = ts


def _facebook(body: dict[str, Any], fresh: Fresh) -> None:
    events = [event for entry in objects_of(body, "entry") for event in _messaging(entry)]
    for number, event in enumerate(events):
        event["timestamp"] = int(fresh.now * 1000) + number
        for part in event.values():
            if isinstance(part, dict) and "mid" in part:
                part["mid"] = f"m_{fresh.digits}{number}"


def _messaging(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [*objects_of(entry, "messaging"), *objects_of(entry, "standby")]


def _telegram(update: dict[str, Any], fresh: Fresh) -> None:
    update["update_id"] = int(fresh.digits[:7], 16)  # Telegram's are positive, of 32 bits


def _mattermost(request: WebhookRequest, fresh: Fresh) -> WebhookRequest:
    if request.method == "GET" or request.has_form:
        new = {"post_id": fresh.digits[:26], "trigger_id": fresh.digits}
        return _of_form(lambda _: new)(request, fresh)
    return _of_json(_mattermost_json)(request, fresh)


def _mattermost_json(body: dict[str, Any], fresh: Fresh) -> None:
    """A dialog has no id but the mark in its state, which has to be signed anew."""
    new = {"post_id": fresh.digits[:26], "trigger_id": fresh.digits}
    if text_of(body, "type") == "dialog_submission":
        new["state"] = remarked_state(text_of(body, "state"), fresh.digits)
    body.update({key: value for key, value in new.items() if key in body})


def _rocketchat(body: dict[str, Any], fresh: Fresh) -> None:
    if "message_id" in body:
        body["message_id"] = fresh.digits[:17]
    for number, message in enumerate(objects_of(body, "messages")):
        message["_id"] = f"{fresh.digits[:17]}{number}"


def _botframework(activity: dict[str, Any], fresh: Fresh) -> None:
    activity["id"] = fresh.digits
    activity["timestamp"] = datetime.fromtimestamp(fresh.now, UTC).isoformat()


def _hangouts(event: dict[str, Any], fresh: Fresh) -> None:
    """Names of messages, and the event's time, wherever classic events and add-ons have them."""
    for key, value in event.items():
        if key == "eventTime":
            event[key] = datetime.fromtimestamp(fresh.now, UTC).isoformat()
        elif key == "name" and isinstance(value, str):
            event[key] = _GOOGLE_MESSAGE.sub(rf"\1/{fresh.digits}.{fresh.digits}", value)
        elif isinstance(value, dict):
            _hangouts(value, fresh)


_CHANGES: dict[str, Callable[[WebhookRequest, Fresh], WebhookRequest]] = {
    "botframework": _of_json(_botframework),
    "callback": _named,
    "facebook": _of_json(_facebook),
    "hangouts": _of_json(_hangouts),
    "mattermost": _mattermost,
    "rest": _named,
    "rocketchat": _of_json(_rocketchat),
    "slack": _slack,
    "telegram": _of_json(_telegram),
    "twilio": _of_form(
        lambda fresh: dict.fromkeys(("MessageSid", "SmsMessageSid", "SmsSid"), f"SM{fresh.digits}")
    ),
    "twilio_voice": _of_form(lambda fresh: {"CallSid": f"CA{fresh.digits}"}),
}
