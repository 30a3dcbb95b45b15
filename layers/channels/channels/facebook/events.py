"""Read what Messenger and Instagram users do as messages; pure, for `FacebookInput.parse`.

    {"object": "page" | "instagram", "entry": [{"id": page, "messaging": [event, ...]}, ...]}

Source: developers.facebook.com/docs/messenger-platform/webhooks. The text of a message is Rasa's:
a quick reply's payload, or else the text or the attachments; a postback's payload.
"""

from __future__ import annotations

import hashlib
import json
import logging

from channels.channel import UserMessage
from channels.messages.fields import object_of, objects_of, text_of
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: The text that represents a user's action, and its metadata.
    Content = tuple[str, dict[str, Any]]

#: Kinds of events that say nothing to the bot, and parts of an entry that are for others.
NOT_MESSAGES = frozenset(
    (
        "account_linking",
        "app_roles",
        "changes",
        "delivery",
        "hop_context",
        "message/is_deleted",
        "message_edit",
        "messaging_feedback",
        "pass_thread_control",
        "policy_enforcement",
        "reaction",
        "read",
        "request_thread_control",
        "standby",
        "take_thread_control",
    )
)

#: What every event has, whatever its kind.
_SHARED = ("sender", "recipient", "timestamp", "is_durable")

#: What every entry has.
_OF_AN_ENTRY = ("id", "time", "uid", "messaging")

_PLATFORMS = {"page": "messenger", "instagram": "instagram"}

#: Parts of a message that agents may want besides its text, by the platform's names.
_MESSAGE_METADATA = ("attachments", "reply_to", "referral", "nlp", "commands")


def user_messages(body: dict[str, Any], channel: str, *, by_page: bool) -> list[UserMessage]:
    """All messages of a webhook body, sorted by time; none for events that are not a user's.

    `sender_id` is the user's id, as in Rasa, or `<page>:<user>` if `by_page`. `reply_to` is
    `{"platform", "page", "recipient"}`, with `recipient` in the Send API's form.
    """
    subject = str(body.get("object"))
    platform = _PLATFORMS.get(subject)
    if platform is None:
        entries = [_id(entry.get("id")) for entry in objects_of(body, "entry")]
        not_a_message(channel, subject, {"entry": " ".join(entries)}, NOT_MESSAGES)
        return []
    found: list[tuple[float, UserMessage]] = []
    for entry in objects_of(body, "entry"):
        for kind in (each for each in entry if each not in _OF_AN_ENTRY):
            not_a_message(channel, kind, {"entry": _id(entry.get("id"))}, NOT_MESSAGES)
        for event in objects_of(entry, "messaging"):
            page = _id(entry.get("id")) or _id(object_of(event, "recipient").get("id"))
            message = _user_message(event, platform, page, by_page=by_page)
            if message is not None:
                message.input_channel = channel
                found.append((_time(event), message))
    # Batches and redeliveries interleave; the sort is stable, so equal times keep their order.
    found.sort(key=lambda timed: timed[0])
    return [message for _, message in found]


def _user_message(
    event: dict[str, Any], platform: str, page: str, *, by_page: bool
) -> UserMessage | None:
    recipient = _recipient(event)
    user = next(iter(recipient.values()), "")
    read = None if user in ("", page) else _content(event)
    if read is None:
        _ignored(event, user, page)
        return None
    part, (text, metadata) = read
    return UserMessage(
        text,
        sender_id=f"{page}:{user}" if by_page else user,
        message_id=_id(part.get("mid")) or _digest(event),
        metadata={"platform": platform, "page_id": page, **metadata},
        reply_to={"platform": platform, "page": page, "recipient": recipient},
    )


def _content(event: dict[str, Any]) -> tuple[dict[str, Any], Content] | None:
    """The part of an event that says something, and what it says."""
    for kind, read in _KINDS.items():
        part = object_of(event, kind)
        content = read(part)
        if content is not None:
            return part, content
    return None


def _ignored(event: dict[str, Any], user: str, page: str) -> None:
    """Log an event that says nothing to the bot."""
    message = object_of(event, "message")
    kind = next((key for key in event if key not in _SHARED), "")
    ids = {"sender": user, "page": page, "mid": _id(object_of(event, kind).get("mid"))}
    if message.get("is_echo") or (message and user == page):  # an echo, marked or not
        ignored("facebook", "the bot's own message", ids, logging.DEBUG)
    elif message.get("is_deleted"):
        not_a_message("facebook", "message/is_deleted", ids, NOT_MESSAGES)
    elif not user:
        ignored("facebook", "an event without a sender", ids)
    elif kind in _KINDS:
        ignored("facebook", f"a {kind} without text", ids)
    else:
        not_a_message("facebook", kind, ids, NOT_MESSAGES)


def _recipient(event: dict[str, Any]) -> dict[str, str]:
    """The recipient of a reply: the user's id, or the `user_ref` of a user who has no id yet."""
    sender, optin = object_of(event, "sender"), object_of(event, "optin")
    for key, value in (
        ("id", sender.get("id")),
        ("user_ref", sender.get("user_ref")),
        ("user_ref", optin.get("user_ref")),
    ):
        if _id(value):
            return {key: _id(value)}
    return {}


def _message(message: dict[str, Any]) -> Content | None:
    if message.get("is_echo") or message.get("is_deleted"):
        return None
    written = text_of(message, "text")
    payload = text_of(object_of(message, "quick_reply"), "payload")
    attachments = [_attachment_text(each) for each in objects_of(message, "attachments")]
    text = payload or written or "\n".join(filter(None, attachments))
    if not text:
        return None
    metadata = {key: message[key] for key in _MESSAGE_METADATA if message.get(key)}
    return text, {**metadata, "title": written} if payload and written else metadata


def _attachment_text(attachment: dict[str, Any]) -> str:
    """An attachment's URL, as in Rasa; a location in the form of Rasa's Telegram channel."""
    payload = object_of(attachment, "payload")
    coordinates = object_of(payload, "coordinates")
    if coordinates:
        return json.dumps({"lng": coordinates.get("long"), "lat": coordinates.get("lat")})
    return text_of(payload, "url") or text_of(attachment, "url") or text_of(payload, "title")


def _postback(postback: dict[str, Any]) -> Content | None:
    text = text_of(postback, "payload") or text_of(postback, "title")
    if not text:
        return None
    metadata = {key: postback[key] for key in ("title", "referral") if postback.get(key)}
    return text, metadata


def _referral(referral: dict[str, Any]) -> Content | None:
    """A user followed a link with `ref`, which serves as the payload."""
    text = text_of(referral, "ref")
    return (text, {"referral": referral}) if text else None


def _optin(optin: dict[str, Any]) -> Content | None:
    text = text_of(optin, "payload") or text_of(optin, "ref")
    return (text, {"optin": optin}) if text else None


_KINDS: dict[str, Callable[[dict[str, Any]], Content | None]] = {
    "message": _message,
    "postback": _postback,
    "referral": _referral,
    "optin": _optin,
}


def _digest(event: dict[str, Any]) -> str:
    """An id for an event without one; the same for every redelivery of the event."""
    text = json.dumps(event, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _time(event: dict[str, Any]) -> float:
    """The event's time (milliseconds since 1970), 0 if it is missing."""
    timestamp = event.get("timestamp")
    return timestamp if isinstance(timestamp, int | float) else 0


def _id(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
