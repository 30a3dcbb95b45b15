"""Cards of version 2: buttons, images, and the sections of a carousel.

https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.hangouts.messages import (
    ROOM_FOR_CONTENT,
    as_html,
    card,
    html_paragraph,
    paragraph,
    section,
    size,
)
from channels.messages.buttons import NO_TITLE, as_button, said_by
from channels.messages.payloads import is_key, key_of
from channels.messages.text import split_text
from channels.output import button_to_string

if TYPE_CHECKING:
    from typing import Any

    from channels.hangouts.messages import Message, Widget

#: Widgets of one card: Chat drops the section that exceeds the limit, and all after it.
MAX_WIDGETS = 100

#: Longer payloads (characters) are stored, because they count towards the message's size.
MAX_PAYLOAD = 2000

#: Longer titles and URLs (characters) go into the text.
MAX_TITLE = 200
MAX_URL = 2000

#: Longest text of one carousel widget (characters), and buttons of one widget (bytes): a section
#: with an image, a text and buttons fits into a message, however much has to be escaped.
_MAX_PARAGRAPH = 2000
_MAX_BUTTONS = ROOM_FOR_CONTENT // 3

#: What a button may open; for anything else Chat refuses the message.
_LINKS = ("https://", "http://", "mailto:")


class Buttons:
    """Makes buttons; `payloads` holds those that are too long for a button, by key.

    `lines` holds the buttons, in Rasa's text form, whose title or URL is too long to be shown.
    """

    def __init__(self, function: str, *, remembers: bool) -> None:
        """Make clicks call `function`: our name, or the endpoint's URL in an add-on.

        Unless payloads are stored, a button whose payload is too long sends its title.
        """
        self._function = function
        self._remembers = remembers
        self.payloads: dict[str, str] = {}
        self.lines: list[str] = []

    def lists(self, buttons: list[Any]) -> list[Widget]:
        """Widgets of buttons, each small enough for a message of its own."""
        groups: list[list[Widget]] = []
        for number, button in enumerate(buttons, 1):
            made = self._button(as_button(button), number)
            if not groups or size(_button_list([*groups[-1], made])) > _MAX_BUTTONS:
                groups.append([])
            groups[-1].append(made)
        return [_button_list(group) for group in groups]

    def cards(self, elements: list[Any]) -> list[Message]:
        """Messages with cards that have one or more sections for each carousel element."""
        sections = [each for element in elements for each in self._sections(element)]
        messages: list[list[Widget]] = []
        for made in sections:
            if not messages or not _fits([*messages[-1], made]):
                messages.append([])
            messages[-1].append(made)
        return [card(*group) for group in messages]

    def _sections(self, element: Any) -> list[Widget]:
        """The image, title with subtitle, and buttons of an element."""
        if not isinstance(element, dict):
            return [section(each) for each in _paragraphs("", json.dumps(element))]
        image = str(element.get("image_url") or "")
        widget = image_widget(image, "")
        picture = [widget] if widget else _paragraphs("", image)
        title, subtitle = (str(element.get(key) or "") for key in ("title", "subtitle"))
        words = _paragraphs(title, subtitle)
        lists = self.lists(element.get("buttons") or [])
        lines = _paragraphs("", "\n".join(self.lines))
        self.lines = []
        widgets = [*picture, *words, *lines, *lists]
        if max(map(len, (picture, words, lists))) <= 1 and not lines:
            return [section(*widgets)] if widgets else []
        return [section(each) for each in widgets]

    def _button(self, button: dict[str, Any], number: int) -> Widget:
        url = str(button.get("url") or "")
        payload = said_by(button, "payload", "url", "title") or NO_TITLE
        title = str(button.get("title") or payload)
        if max(len(title) - MAX_TITLE, len(url) - MAX_URL) > 0:
            self.lines.append(
                button_to_string({"title": title} | ({"url": url} if url else {}), number)
            )
            title = f"{number}. {title}"[: MAX_TITLE - 1] + NO_TITLE
        if url.startswith(_LINKS) and len(url) <= MAX_URL:
            return {"text": title, "onClick": {"openLink": {"url": url}}}
        parameters = {"payload": payload}
        if len(payload) > MAX_PAYLOAD or is_key(payload):
            parameters = self._shortened(payload, title)
        listed = [{"key": key, "value": value} for key, value in parameters.items()]
        action = {"function": self._function, "parameters": listed}
        return {"text": title, "onClick": {"action": action}}

    def _shortened(self, payload: str, title: str) -> dict[str, str]:
        if not self._remembers:
            return {"payload": title}
        key = key_of(payload)
        self.payloads[key] = payload
        return {"payload": key, "title": title}


def image_widget(url: str, alt_text: str) -> Widget | None:
    """An image; None for a URL that Chat refuses: not https, or too long."""
    if not url.startswith("https://") or len(url) > MAX_URL:
        return None
    return {"image": {"imageUrl": url} | ({"altText": alt_text[:MAX_TITLE]} if alt_text else {})}


def _paragraphs(title: str, text: str) -> list[Widget]:
    """A bold title and a text as one widget, or as several if they are long."""
    if len(title) + len(text) > _MAX_PARAGRAPH:
        parts = [*split_text(title, _MAX_PARAGRAPH), *split_text(text, _MAX_PARAGRAPH)]
        return [paragraph(part) for part in parts]
    shown = [f"<b>{as_html(title)}</b>"] if title else []
    shown += [as_html(text)] if text else []
    return [html_paragraph("<br>".join(shown))] if shown else []


def _button_list(buttons: list[Widget]) -> Widget:
    return {"buttonList": {"buttons": buttons}}


def _fits(sections: list[Widget]) -> bool:
    count = sum(len(each["widgets"]) for each in sections)
    return count <= MAX_WIDGETS and size(card(*sections)) <= ROOM_FOR_CONTENT
