"""Google Chat messages: measure them, and merge several into one.

A response to a request is a single message, and a space takes one message per second from all its
apps together, so messages that belong together are merged, in order.
"""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

from channels.messages.text import split_text

if TYPE_CHECKING:
    from typing import Any

    type Message = dict[str, Any]
    type Widget = dict[str, Any]

#: Longest message with its cards (bytes).
MAX_SIZE = 32_000

#: How much of it the bot's text and cards may use; the rest is for the thread.
ROOM_FOR_CONTENT = 31_000

#: The keys that make an object a message; other keys are passed along unchanged.
_BELOW_THE_TEXT = frozenset(("cardsV2", "cards", "accessoryWidgets", "attachment"))
_CONTENT = _BELOW_THE_TEXT | {"text", "actionResponse"}


def size(message: Message) -> int:
    """Bytes of a message as JSON, an upper bound of what Google counts."""
    return len(_json(message).encode("utf-8", "surrogatepass"))


def texts(text: str) -> list[Message]:
    """A text as messages: several if it is too long, none if it is blank."""
    limit = ROOM_FOR_CONTENT - size(card(section(paragraph(""))))
    return [{"text": part} for part in split_text(text, limit, _length)]


def is_message(document: Any) -> bool:
    """Whether a bot's custom JSON is a message of Google Chat."""
    return isinstance(document, dict) and not _CONTENT.isdisjoint(document)


def packed(messages: list[Message]) -> list[Message]:
    """Merge messages into as few as possible, in order, with their cards numbered."""
    packs: list[Message] = []
    for message in messages:
        together = _merged(packs[-1], message) if packs else None
        if together is None:
            packs.append(_numbered(message))
        else:
            packs[-1] = together
    return packs


def card(*sections: Widget) -> Message:
    """A message with a card of these sections."""
    return {"cardsV2": [{"card": {"sections": list(sections)}}]}


def section(*widgets: Widget) -> Widget:
    """A section of a card."""
    return {"widgets": list(widgets)}


def paragraph(text: str) -> Widget:
    """A plain text as a widget of a card."""
    return html_paragraph(as_html(text))


def html_paragraph(markup: str) -> Widget:
    """HTML as a widget of a card; only a few tags are supported."""
    return {"textParagraph": {"text": markup}}


def as_html(text: str) -> str:
    """HTML that shows a plain text."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _merged(first: Message, second: Message) -> Message | None:
    """Two messages as one; None if that would be too long or drop something."""
    if "text" in second and first.keys() & _BELOW_THE_TEXT:
        second = _text_as_card(second)
    together = dict(first)
    for key, value in second.items():
        if key not in first:
            together[key] = value
        elif key == "text":
            together[key] = f"{first[key]}\n\n{value}"
        elif isinstance(value, list) and isinstance(first[key], list):
            together[key] = [*first[key], *value]
        elif value != first[key]:
            return None
    together = _numbered(together)
    return together if size(together) <= ROOM_FOR_CONTENT else None


def _text_as_card(message: Message) -> Message:
    """The message with its text as a card, because a message's text appears above all cards."""
    cards = message.get("cardsV2")
    said = card(section(paragraph(str(message["text"]))))["cardsV2"]
    others = {key: value for key, value in message.items() if key != "text"}
    return {**others, "cardsV2": [*said, *(cards if isinstance(cards, list) else [])]}


def _numbered(message: Message) -> Message:
    """The message with an id for each card without one; Chat requires ids if there are several."""
    cards = message.get("cardsV2")
    if not isinstance(cards, list):
        return message
    ids = [
        {"cardId": f"card{number}", **each} if isinstance(each, dict) else each
        for number, each in enumerate(cards, 1)
    ]
    return {**message, "cardsV2": ids}


def _length(text: str) -> int:
    """Bytes of a text in a message, or in a card if that is longer."""
    return max(size({"": text}), size({"": as_html(text)})) - size({"": ""})


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
