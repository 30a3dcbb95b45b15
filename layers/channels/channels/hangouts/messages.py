"""Messages of Google Chat: their size, and several of them as one.

An answer within the request is one message, and a space takes one message a second from all its
apps: so what belongs together is put together, in the order it was said.
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

#: What of it the bot's own words and cards may take; the rest is for the thread.
ROOM_FOR_CONTENT = 31_000

#: What makes an object a message; further keys of one go along as they are.
_BELOW_THE_TEXT = frozenset(("cardsV2", "cards", "accessoryWidgets", "attachment"))
_CONTENT = _BELOW_THE_TEXT | {"text", "actionResponse"}


def size(message: Message) -> int:
    """Bytes of a message as JSON: an upper bound of what Google counts."""
    return len(_json(message).encode("utf-8", "surrogatepass"))


def texts(text: str) -> list[Message]:
    """A text as messages, several of one that is too long; none of a blank one."""
    limit = ROOM_FOR_CONTENT - size(card(section(paragraph(""))))
    return [{"text": part} for part in split_text(text, limit, _length)]


def is_message(document: Any) -> bool:
    """Whether a bot's custom JSON is a message of Google Chat."""
    return isinstance(document, dict) and not _CONTENT.isdisjoint(document)


def packed(messages: list[Message]) -> list[Message]:
    """Messages as few as they can be, their cards numbered; nothing changes its place."""
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
    """A plain text in a card."""
    return html_paragraph(as_html(text))


def html_paragraph(markup: str) -> Widget:
    """A text in a card, where texts are HTML of a few tags."""
    return {"textParagraph": {"text": markup}}


def as_html(text: str) -> str:
    """A plain text as the HTML that shows it."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _merged(first: Message, second: Message) -> Message | None:
    """Two messages as one, None where that would be too long or leave something out."""
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
    """The message with its text as a card: a message's text stands above all cards."""
    cards = message.get("cardsV2")
    said = card(section(paragraph(str(message["text"]))))["cardsV2"]
    others = {key: value for key, value in message.items() if key != "text"}
    return {**others, "cardsV2": [*said, *(cards if isinstance(cards, list) else [])]}


def _numbered(message: Message) -> Message:
    """The message with an id for each card that has none: Chat wants them where there are two."""
    cards = message.get("cardsV2")
    if not isinstance(cards, list):
        return message
    ids = [
        {"cardId": f"card{number}", **each} if isinstance(each, dict) else each
        for number, each in enumerate(cards, 1)
    ]
    return {**message, "cardsV2": ids}


def _length(text: str) -> int:
    """Bytes of a text in a message, or in a card where that is longer."""
    return max(size({"": text}), size({"": as_html(text)})) - size({"": ""})


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
