"""Twilio's message webhooks: what a user's message says, and which requests are not messages.

Fields: twilio.com/docs/messaging/guides/webhook-request. Twilio adds fields without notice; each
is passed to the agent under its name in snake case.
"""

from __future__ import annotations

import json
import logging
import math
import re

from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Fields without use to the agent, or passed on in another form.
_NOT_METADATA = re.compile(
    r"Body|Media(Url|ContentType)\d+|NumMedia|Sms(Message)?Sid|SmsStatus|ApiVersion"
    r"|Button(Text|Payload)|List(Id|Title|Description)|Latitude|Longitude|Address|Label|Referral.*"
)

#: States of the bot's own messages (twilio.com/docs/messaging/api/message-resource), and calls.
NOT_MESSAGES = frozenset(
    (
        "accepted",
        "canceled",
        "delivered",
        "failed",
        "partially_delivered",
        "phone call",
        "queued",
        "read",
        "receiving",
        "scheduled",
        "sending",
        "sent",
        "undelivered",
    )
)

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

#: Keywords of Advanced Opt-Out that Twilio answers itself, with texts set in its console.
_ANSWERED_BY_TWILIO = ("STOP", "HELP")


class Incoming:
    """A user's message: its text, its sender, the number of ours it was sent to, and its SID.

    `message_sid` is "" if there is none; `metadata` is passed to the agent.
    """

    def __init__(
        self,
        text: str,
        *,
        sender: str,
        number: str,
        message_sid: str,
        metadata: dict[str, Any],
    ) -> None:
        self.text = text
        self.sender = sender
        self.number = number
        self.message_sid = message_sid
        self.metadata = metadata


def read_message(fields: Mapping[str, str]) -> Incoming | None:
    """Read the message in a webhook's fields; return None if it is not a message to the bot.

    Not messages: a status callback, a call, a keyword that Twilio answers itself, a number that
    writes to itself, a message without content. Pure; never raises, whatever the fields are.
    """
    sender, number = fields.get("From", ""), fields.get("To", "")
    attachments = _attachments(fields)
    text = _text(fields, attachments)
    if not text or sender in ("", number) or _kind(fields) or _is_answered(fields):
        return None
    metadata = _metadata(fields)
    if attachments:
        metadata["attachments"] = attachments
    body = fields.get("Body", "").strip()
    if body and body != text:
        metadata["body"] = body
    return Incoming(
        text,
        sender=sender,
        number=number,
        message_sid=fields.get("MessageSid") or fields.get("SmsMessageSid") or "",
        metadata=metadata,
    )


def tell_of_unread(fields: Mapping[str, str], own_number: str | None) -> None:
    """Log a request that has no message to the bot, or one that the bot's number has sent."""
    ids = {key: fields.get(key) for key in ("From", "To", "MessageSid", "CallSid")}
    sender, number = fields.get("From"), fields.get("To")
    kind = _kind(fields)
    if kind:
        not_a_message("twilio", kind, ids, NOT_MESSAGES)
    elif not sender:
        ignored("twilio", "a message without a sender", ids)
    elif sender in (number, own_number):
        ignored("twilio", "the bot's own message", ids, logging.DEBUG)
    elif _is_answered(fields):
        ignored("twilio", "a keyword that Twilio answers itself", ids)
    else:
        ignored("twilio", "a message without text", ids)


def _kind(fields: Mapping[str, str]) -> str:
    """The kind of a request that is not about a received message, "" if it is."""
    if "CallSid" in fields:
        return "phone call"
    status = status_of(fields)
    return "" if status == "received" else status


def _is_answered(fields: Mapping[str, str]) -> bool:
    return fields.get("OptOutType", "").upper() in _ANSWERED_BY_TWILIO


def status_of(fields: Mapping[str, str]) -> str:
    """Return a message's status: `received` for a user's, `sent`, `failed`, ... for the bot's."""
    return (fields.get("MessageStatus") or fields.get("SmsStatus") or "").lower()


def _text(fields: Mapping[str, str], attachments: list[dict[str, str]]) -> str:
    """The payload of a pressed button, or a location, the text as written, or the files' URLs."""
    pressed = fields.get("ButtonPayload") or fields.get("ListId")
    if pressed:
        return pressed.strip()
    if fields.get("Latitude") and fields.get("Longitude"):
        # Rasa's intent and entities. Rasa's own text is not JSON, so Rasa finds no entities in it.
        place = {key: _number(fields[key]) for key in ("Latitude", "Longitude")}
        return f"/locationData{json.dumps(place)}"
    urls = "\n".join(each["url"] for each in attachments)
    return fields.get("Body", "").strip() or urls or fields.get("ButtonText", "").strip()


def _metadata(fields: Mapping[str, str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        _snake_case(name): value
        for name, value in fields.items()
        if value and not _NOT_METADATA.fullmatch(name)
    }
    groups = {
        "button": {"payload": "ButtonPayload", "text": "ButtonText"},
        "list": {"id": "ListId", "title": "ListTitle", "description": "ListDescription"},
        "location": {key.lower(): key for key in ("Latitude", "Longitude", "Address", "Label")},
        "referral": _referral_fields(fields),
    }
    for group, names in groups.items():
        found = {key: fields[name] for key, name in names.items() if fields.get(name)}
        if found:
            metadata[group] = found
    return metadata


def _referral_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields that describe the advertisement, if any, that a WhatsApp user came from."""
    names = [name for name in fields if name.startswith("Referral")]
    is_referral = any(name != "ReferralNumMedia" and fields[name] for name in names)
    return {_snake_case(name.removeprefix("Referral")): name for name in names if is_referral}


def _attachments(fields: Mapping[str, str]) -> list[dict[str, str]]:
    attachments: list[dict[str, str]] = []
    while url := fields.get(f"MediaUrl{len(attachments)}"):
        content_type = fields.get(f"MediaContentType{len(attachments)}", "")
        kind = content_type.partition("/")[0]
        attachments.append({"type": kind or "file", "url": url, "content_type": content_type})
    return attachments


def _snake_case(name: str) -> str:
    return _WORD.sub("_", name).lower()


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text
