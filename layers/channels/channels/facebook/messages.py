"""Convert a bot's messages to `message` objects of Meta's Send API, within its limits; pure.

Nothing is dropped: long texts are split, excess buttons or cards go to further messages, and
whatever does not fit on a button or card is spelled out as text.
Source: developers.facebook.com/docs/messenger-platform/reference (send-api, buttons, templates).
"""

from __future__ import annotations

import json
import mimetypes
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from channels.messages.text import split_messages, split_text, utf8_bytes, utf16_units

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    type Message = dict[str, Any]
    type Button = dict[str, Any]

_BUTTONS = 3
_QUICK_REPLIES = 13
_CARDS = 10
_BUTTON_TITLE = 20  # characters
_CARD_TEXT = 80  # characters, for both title and subtitle
_TEMPLATE_TEXT = 640  # in the platform's units

_CARD_KEYS = ("image_url", "default_action")
_ATTACHMENTS = ("image", "video", "audio", "file")

#: Placeholder where a template needs a text and there is none; also marks a shortened title.
_MORE = "\u2026"


class Limits(NamedTuple):
    """A platform's longest text, and how the platform measures texts."""

    text: int
    measure: Callable[[str], int]


#: "2000 characters", counted in UTF-16 units, the strictest reading.
MESSENGER = Limits(2000, utf16_units)

#: "1000 bytes of UTF-8".
INSTAGRAM = Limits(1000, utf8_bytes)


def text_messages(text: str, limits: Limits) -> list[Message]:
    """A text as Rasa sends it, one message per part between blank lines; long parts are split."""
    return [{"text": part} for part in split_messages(text, limits.text, limits.measure)]


def button_messages(text: str | None, buttons: list[Button], limits: Limits) -> list[Message]:
    """Button templates of three buttons each; the first has the text, or the end of it."""
    lines, fitting = _fitting([_button(button) for button in buttons])
    *leading, last = _pieces(_joined(text, *lines), limits)
    *more, last = split_text(last, _TEMPLATE_TEXT, limits.measure)
    messages: list[Message] = [{"text": part} for part in (*leading, *more)]
    for number, group in enumerate(_groups(fitting, _BUTTONS)):
        payload = {"template_type": "button", "text": _MORE if number else last, "buttons": group}
        messages.append({"attachment": {"type": "template", "payload": payload}})
    return messages


def quick_reply_messages(
    text: str | None, quick_replies: list[Button], limits: Limits
) -> list[Message]:
    """A text with quick replies; more than 13 become buttons.

    Quick replies vanish with the next message, so they cannot be spread over several.
    """
    if len(quick_replies) > _QUICK_REPLIES:
        return button_messages(text, quick_replies, limits)
    lines, fitting = _fitting([_quick_reply(reply) for reply in quick_replies])
    *leading, last = _pieces(_joined(text, *lines), limits)
    messages: list[Message] = [{"text": part} for part in leading]
    return [*messages, {"text": last, "quick_replies": fitting}]


def card_messages(elements: list[dict[str, Any]], limits: Limits) -> list[Message]:
    """Generic templates of ten cards each, then whatever did not fit on the cards."""
    cards: list[Message] = []
    more: list[Message] = []
    for element in elements:
        card, rest = _card(element, limits)
        cards += [card] if card else []
        more += rest
    templates = [
        {
            "attachment": {
                "type": "template",
                "payload": {"template_type": "generic", "elements": group},
            }
        }
        for group in _groups(cards, _CARDS)
    ]
    return templates + more


def image_message(url: str) -> Message:
    """An image by its URL."""
    return {"attachment": {"type": "image", "payload": {"url": url}}}


def attachment_message(attachment: Any) -> Message | None:
    """A file by its URL, or an attachment in the platform's format; None for anything else.

    Rasa's `{"type": "video", "payload": {"src": url}}` is accepted too. The type of a plain URL is
    guessed from its extension.
    """
    if isinstance(attachment, str):
        url = attachment.strip()
        is_url = url.startswith(("https://", "http://")) and not any(map(str.isspace, url))
        return {"attachment": {"type": _kind(url), "payload": {"url": url}}} if is_url else None
    if not isinstance(attachment, dict) or not isinstance(attachment.get("payload"), dict):
        return None
    payload = dict(attachment["payload"])
    if "src" in payload:
        payload.setdefault("url", payload.pop("src"))
    kind = attachment.get("type")
    if kind == "template" or (kind in _ATTACHMENTS and payload):
        return {"attachment": {"type": kind, "payload": payload}}
    return None


def _kind(url: str) -> str:
    media_type, _ = mimetypes.guess_type(urlsplit(url).path)
    kind = (media_type or "").partition("/")[0]
    return kind if kind in _ATTACHMENTS else "file"


def _card(element: dict[str, Any], limits: Limits) -> tuple[Message | None, list[Message]]:
    """A card, and messages for what does not fit on it; Meta refuses a card with only a title."""
    title, subtitle = _as_text(element.get("title")), _as_text(element.get("subtitle"))
    buttons = [_button(button) for button in element.get("buttons") or []]
    lines, fitting = _fitting(buttons)
    card = {key: element[key] for key in _CARD_KEYS if element.get(key)}
    if subtitle:
        card["subtitle"] = _shortened(subtitle, _CARD_TEXT)
    if fitting:
        card["buttons"] = fitting[:_BUTTONS]
    further = fitting[_BUTTONS:]
    is_cut = bool(lines) or max(utf16_units(title), utf16_units(subtitle)) > _CARD_TEXT
    story = _joined(title, subtitle, *lines) if is_cut or not card else title
    rest: list[Message] = []
    if further:
        rest = button_messages(story, further, limits)
    elif is_cut or not card:
        rest = text_messages(story, limits)
    return ({"title": _shortened(title, _CARD_TEXT) or _MORE, **card} if card else None), rest


def _button(button: Button) -> Button:
    """A button in the platform's format; Rasa's have no type, and maybe only a title."""
    kind = button.get("type")
    if kind is None:
        kind = "web_url" if button.get("url") and not button.get("payload") else "postback"
    if kind != "postback":
        return {**button, "type": kind}
    return {"type": "postback", **_title_and_payload(button)}


def _quick_reply(reply: Button) -> Button:
    kind = reply.get("content_type") or "text"
    if kind != "text":
        return {"content_type": kind}
    image = {"image_url": reply["image_url"]} if reply.get("image_url") else {}
    return {"content_type": kind, **_title_and_payload(reply), **image}


def _title_and_payload(button: Button) -> dict[str, str]:
    """Title and payload; if one is missing, the other stands in for it."""
    title, payload = _as_text(button.get("title")), _as_text(button.get("payload"))
    return {"title": title or payload or _MORE, "payload": payload or title or _MORE}


def _fitting(buttons: list[Button]) -> tuple[list[str], list[Button]]:
    """Buttons with titles that fit, and a line for each title that had to be shortened."""
    lines, fitting = [], []
    for number, button in enumerate(buttons, start=1):
        title = _as_text(button.get("title"))
        if utf16_units(title) > _BUTTON_TITLE:
            line = f"{number}: {title}"
            lines.append(line)
            fitting.append({**button, "title": _shortened(line, _BUTTON_TITLE)})
        else:
            fitting.append(button)
    return lines, fitting


def _shortened(text: str, limit: int) -> str:
    if utf16_units(text) <= limit:
        return text
    return split_text(text, limit - 1, utf16_units)[0] + _MORE


def _pieces(text: str, limits: Limits) -> list[str]:
    return split_text(text, limits.text, limits.measure) or [_MORE]


def _joined(*texts: str | None) -> str:
    return "\n".join(text for text in texts if text)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _groups[T](items: list[T], size: int) -> list[list[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
