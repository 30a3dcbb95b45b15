"""Messages as arguments of twilio-python's `messages.create`, which Rasa's custom JSON consists of.

    {"media_url": "https://...", "body": "..."}
    {"content_sid": "HX...", "content_variables": {"1": "Tuesday"}}

Texts, images and buttons use the same arguments; this module converts them to Twilio's parameters.
"""

from __future__ import annotations

import json
from itertools import batched, zip_longest
from typing import TYPE_CHECKING

from channels.errors import SendError
from channels.messages.text import split_text, utf16_units

if TYPE_CHECKING:
    from typing import Any

    type Message = dict[str, Any]

#: Longest `Body` (UTF-16 units; error 21617 counts characters, which are never more).
MAX_BODY = 1600

#: Most files in one message; WhatsApp takes one.
_MAX_MEDIA = 10

#: The arguments of twilio-python 9.13.
_ARGUMENTS = """
    to from_ body media_url messaging_service_sid content_sid content_variables status_callback
    address_retention application_sid attempt content_retention fallback_from force_delivery
    max_price message_intent persistent_action provide_feedback risk_check schedule_type send_as_mms
    send_at shorten_urls smart_encoded traffic_type validity_period
"""
ARGUMENTS = frozenset(_ARGUMENTS.split())


def messages_of(json_message: Any, recipient_id: str) -> list[Message]:
    """Return the messages of a custom JSON, to the recipient unless the JSON has its own `to`.

    Several if Twilio's limits require it; none if the JSON has no argument of Twilio's.
    """
    if not isinstance(json_message, dict) or ARGUMENTS.isdisjoint(json_message):
        return []
    given = {key: each for key, each in json_message.items() if each is not None}
    message = {"to": recipient_id, **given}
    return [message] if "content_sid" in message else _within_limits(message)


def parameters_of(message: Message) -> dict[str, str | list[str]]:
    """Convert arguments to parameters of Twilio's API; raises SendError for an unknown one."""
    unknown = sorted(set(message) - ARGUMENTS)
    if unknown:
        raise SendError(
            f"custom JSON: messages.create has no argument {', '.join(map(repr, unknown))} "
            "(docs/channels/twilio.md)"
        )
    return {_rest_name(key): _value(each) for key, each in message.items()}


def _within_limits(message: Message) -> list[Message]:
    given = message.get("media_url") or []
    media = given if isinstance(given, list) else [given]
    size = 1 if str(message["to"]).startswith("whatsapp:") else _MAX_MEDIA
    files: list[Message] = [
        {"media_url": list(group)} for group in batched(media, size, strict=False)
    ]
    parts = split_text(str(message.get("body") or ""), MAX_BODY, utf16_units)
    bodies: list[Message] = [{"body": part} for part in parts]
    if not (bodies or files):
        bodies = [{"body": ""}]  # as in Rasa: Twilio's error says what is missing
    others = {key: each for key, each in message.items() if key not in ("body", "media_url")}
    nothing: Message = {}
    pairs = zip_longest(bodies, files, fillvalue=nothing)
    return [{**others, **body, **file} for body, file in pairs]


def _rest_name(argument: str) -> str:
    """`from_` becomes `From`, `media_url` becomes `MediaUrl`."""
    return "".join(word.capitalize() for word in argument.split("_"))


def _value(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return value if isinstance(value, str) else json.dumps(value)
