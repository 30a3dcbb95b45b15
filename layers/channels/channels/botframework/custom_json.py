"""Convert a bot's own JSON and files to fields of an activity."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from channels.botframework.activities import TEAMS
from channels.botframework.cards import hero
from channels.messages.attachments import file_name_of, url_of

if TYPE_CHECKING:
    from typing import Any

ADAPTIVE = "application/vnd.microsoft.card.adaptive"

#: An object is an activity if it has one of these types, or one of these fields of a message.
_TYPES = ("message", "messageDelete", "typing", "event", "endOfConversation", "handoff", "trace")
_FIELDS = frozenset(
    (
        "attachments",
        "channelData",
        "entities",
        "speak",
        "suggestedActions",
        "summary",
        "text",
        "textFormat",
    )
)


def custom_fields(json_message: Any) -> dict[str, Any] | None:
    """The activity fields of a custom message; None if it contains none.

    Accepts an activity or some of its fields, as in Rasa; an Adaptive Card; an attachment of any
    kind; or a list of cards and attachments.
    """
    if isinstance(json_message, list):
        attachments = [_attachment(each) for each in json_message]
        return {"attachments": attachments} if attachments and all(attachments) else None
    if not isinstance(json_message, dict):
        return None
    attachment = _attachment(json_message)
    if attachment is not None:
        return {"attachments": [attachment]}
    is_activity = json_message.get("type") in _TYPES or _FIELDS & json_message.keys()
    return json_message if is_activity else None


def method_of(activity: dict[str, Any]) -> str:
    """The HTTP method to send an activity with; an earlier `id` updates or deletes."""
    if not isinstance(activity.get("id"), str) or not activity["id"]:
        return "POST"
    return "DELETE" if activity.get("type") == "messageDelete" else "PUT"


def file_attachments(attachment: Any, channel_id: str) -> list[dict[str, Any]]:
    """A bot's attachment in the platform's form; an empty list if it contains no file.

    Accepts a URL, Rasa's `{"type": ..., "payload": {"src" or "url"}}`, the platform's own
    `{"contentType": ...}`, or a list of these. Teams shows a bot's files only if they are images;
    others become a card with a link.
    """
    each = attachment if isinstance(attachment, list) else [attachment]
    found = [_file(one, channel_id) for one in each]
    return [one for one in found if one] if all(found) else []


def _attachment(json_message: Any) -> dict[str, Any] | None:
    if not isinstance(json_message, dict):
        return None
    if json_message.get("type") == "AdaptiveCard":
        return {"contentType": ADAPTIVE, "content": json_message}
    return json_message if isinstance(json_message.get("contentType"), str) else None


def _file(attachment: Any, channel_id: str) -> dict[str, Any] | None:
    own, url = _attachment(attachment), url_of(attachment)
    if own is not None or url is None:
        return own
    kind = mimetypes.guess_file_type(urlsplit(url).path)[0] or "application/octet-stream"
    name = file_name_of(url) or url
    if channel_id == TEAMS and not kind.startswith("image/"):
        return hero({"title": name, "buttons": [{"type": "openUrl", "title": name, "value": url}]})
    return {"contentType": kind, "contentUrl": url, "name": name}
