"""Slack blocks for buttons, menus and images, within the limits that Slack publishes.

Limits are in characters (docs.slack.dev, "Block Kit reference").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_BLOCKS = 50
MAX_SECTION = 3000
MAX_VALUE = 2000
MAX_OPTION_VALUE = 150
MAX_URL = 3000

_MAX_BUTTONS = 25
_MAX_OPTIONS = 100
_MAX_LABEL = 75
_MAX_PLACEHOLDER = 150
_MAX_ALT_TEXT = 2000

#: All blocks of a message together may hold just under 13,200 characters. Slack documents no number
#: and responds `msg_blocks_too_long`.
_MAX_SIZE = 12_000

#: This many buttons or more become menus.
_MENU_FROM = 51


class Button(NamedTuple):
    """A button: its label, and the value that a click sends (or the page it opens)."""

    label: str
    value: str
    url: str = ""

    @property
    def size(self) -> int:
        """Characters that the button adds to a message."""
        return len(self.label) + len(self.value) + len(self.url)


def label_of(title: str, number: int) -> str:
    """Return a button's label: its title, numbered and cut if it is too long for a label."""
    if len(title) <= _MAX_LABEL:
        return title
    start = f"{number}. {title}"
    return start[: _MAX_LABEL - 1] + "…"


def is_menu(count: int) -> bool:
    """Whether this many choices are shown as menus."""
    return count >= _MENU_FROM


def section(text: str, accessory: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a section of plain text, as in Rasa, with an image beside it if one is given."""
    block: dict[str, Any] = {"type": "section", "text": _plain(text)}
    return {**block, "accessory": accessory} if accessory else block


def image_block(url: str, alt_text: str) -> dict[str, Any]:
    """Return an image, for use as a block or beside a section."""
    return {"type": "image", "image_url": url, "alt_text": alt_text[:_MAX_ALT_TEXT]}


def controls(buttons: list[Button], *, menus: bool) -> list[list[dict[str, Any]]]:
    """Return the blocks of the buttons, one list per message, as many messages as they need.

    Each message has room for a section of the maximum length.
    """
    free = _MAX_SIZE - MAX_SECTION
    pieces = _packed(buttons, _size, _MAX_OPTIONS if menus else _MAX_BUTTONS, free)
    blocks, number = [], 0
    for index, piece in enumerate(pieces):
        elements = [_menu(piece, index)] if menus else _buttons(piece, number)
        number += len(piece)
        blocks.append(({"type": "actions", "elements": elements}, sum(map(_size, piece))))
    messages = _packed(blocks, lambda block: block[1], MAX_BLOCKS - 1, free)
    return [[block for block, _ in message] for message in messages]


def _size(button: Button) -> int:
    return button.size


def _packed[T](
    items: list[T], size: Callable[[T], int], max_count: int, max_size: int
) -> list[list[T]]:
    """Group items in order, with at most `max_count` items and a size of `max_size` per group."""
    groups: list[list[T]] = []
    room = 0
    for item in items:
        if not groups or len(groups[-1]) == max_count or size(item) > room:
            groups.append([])
            room = max_size
        groups[-1].append(item)
        room -= size(item)
    return groups


def _buttons(buttons: list[Button], number: int) -> list[dict[str, Any]]:
    return [_button(button, number + index) for index, button in enumerate(buttons)]


def _button(button: Button, number: int) -> dict[str, Any]:
    element = {"type": "button", "action_id": f"rasa_{number}", "text": _plain(button.label)}
    if button.url:
        return {**element, "url": button.url}
    return {**element, "value": button.value}


def _menu(buttons: list[Button], number: int) -> dict[str, Any]:
    placeholder = f"{buttons[0].label} … {buttons[-1].label}"
    return {
        "type": "static_select",
        "action_id": f"rasa_menu_{number}",
        "placeholder": _plain(placeholder[:_MAX_PLACEHOLDER]),
        "options": [{"text": _plain(button.label), "value": button.value} for button in buttons],
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
