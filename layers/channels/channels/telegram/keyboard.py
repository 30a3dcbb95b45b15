"""Buttons as Telegram keyboards: inline, one per row, or in place of the user's keyboard."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from channels.messages.buttons import as_button, said_by
from channels.output import button_to_string
from channels.telegram.payloads import callback_data

if TYPE_CHECKING:
    from typing import Any

    type Button = dict[str, Any]

#: Most buttons in a row that stay legible, and in one inline keyboard (clients show no more).
MAX_ROW = 8
MAX_BUTTONS = 100

#: Placeholder where Telegram requires a text and there is none.
NO_TEXT = "\u2026"


class Keyboard(NamedTuple):
    """One message's `reply_markup`, and by key the payloads to store for its buttons.

    `lines` are the buttons as text, in the form Rasa uses on platforms without buttons.
    """

    markup: dict[str, Any]
    payloads: dict[str, str]
    lines: list[str]


def keyboards(buttons: list[Any], button_type: str) -> list[Keyboard]:
    """Return the keyboards for buttons: several if there are too many for one message.

    `button_type` is Rasa's: `inline` side by side (the default), `vertical` one per row, `reply` in
    place of the user's keyboard, where pressing a button sends its title as text. A list among the
    buttons is a row.
    """
    width = MAX_ROW if button_type not in ("vertical", "reply") else 1
    rows = _rows(buttons, width)
    if button_type == "reply":
        return [_reply_keyboard(rows)] if rows else []
    keyboards: list[Keyboard] = []
    row_group: list[list[Button]] = []
    count = number = 0
    for row in rows:
        if count + len(row) > MAX_BUTTONS:
            keyboards.append(_inline_keyboard(row_group, number))
            row_group, number, count = [], number + count, 0
        row_group.append(row)
        count += len(row)
    return [*keyboards, _inline_keyboard(row_group, number)] if row_group else keyboards


def _rows(buttons: list[Any], width: int) -> list[list[Button]]:
    rows: list[list[Button]] = []
    single: list[Any] = []
    for button in buttons:
        if isinstance(button, list):
            rows += _wrapped(single, width) + _wrapped(button, MAX_ROW)
            single = []
        else:
            single.append(button)
    return rows + _wrapped(single, width)


def _wrapped(buttons: list[Any], width: int) -> list[list[Button]]:
    named = (as_button(each) for each in buttons)
    return [list(row) for row in batched(named, width, strict=False)]


def _inline_keyboard(rows: list[list[Button]], number: int) -> Keyboard:
    given = [_payload(button) for row in rows for button in row if not button.get("url")]
    payloads = {data: each for each in given if (data := callback_data(each)) != each}
    markup = {"inline_keyboard": [[_inline_button(button) for button in row] for row in rows]}
    return Keyboard(markup, payloads, _lines(rows, number))


def _inline_button(button: Button) -> dict[str, Any]:
    if button.get("url"):
        return {"text": _title(button), "url": str(button["url"])}
    return {"text": _title(button), "callback_data": callback_data(_payload(button))}


def _reply_keyboard(rows: list[list[Button]]) -> Keyboard:
    keyboard = [[_reply_button(button) for button in row] for row in rows]
    markup = {"keyboard": keyboard, "one_time_keyboard": True, "resize_keyboard": False}
    return Keyboard(markup, {}, _lines(rows, 0))


def _reply_button(button: Button) -> dict[str, Any]:
    requests = {key: True for key in ("request_contact", "request_location") if button.get(key)}
    return {"text": _title(button), **requests}


def _lines(rows: list[list[Button]], number: int) -> list[str]:
    buttons = [button for row in rows for button in row]
    return [button_to_string(each, index) for index, each in enumerate(buttons, start=number + 1)]


def _title(button: Button) -> str:
    return str(button.get("title") or button.get("payload") or NO_TEXT)


def _payload(button: Button) -> str:
    return said_by(button, "payload", "title") or NO_TEXT
