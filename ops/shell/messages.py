"""A bot's messages as the shell reads and shows them; pure, no terminal and no network here.

The wording of every line is Rasa's (`rasa.core.channels.console`, 3.6).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from channels.output import button_to_string

STOP = "/stop"
"""What a user types to leave the shell, as in Rasa."""

FREE_TEXT = "Type out your own message..."
"""Rasa's last entry below a bot's buttons."""

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor, screen
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"  # strings
    r"|\x1b[ -/]*[0-~]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_EXCERPT_LENGTH = 120


class AnswerError(Exception):
    """The assistant gave no usable answer; the text says the cause and the mend to the user."""

    def __init__(self, message: str) -> None:
        """Take the text; what a server put into it cannot steer the terminal."""
        super().__init__(printable(message))


@dataclass(frozen=True)
class Button:
    """One button of a bot's message.

    `label` is its line without a number, fit for a terminal. `payload` is sent, exactly as the bot
    gave it, when the button is picked; None for a button that opens `link` and sends nothing.
    """

    label: str
    payload: str | None
    link: str | None = None


def printable(text: str) -> str:
    """The text without escape sequences and control characters; line ends and tabs stay.

    A bot repeats what others wrote: unstripped, that could recolour, erase or retitle the terminal.
    """
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))


def body_lines(item: dict[str, Any]) -> list[str]:
    """Everything of a bot's message but its buttons, as lines for a terminal, in Rasa's order."""
    lines = [_text(item["text"])] if item.get("text") else []
    lines += [
        f"{key.title()}: {_text(item[key])}" for key in ("image", "attachment") if item.get(key)
    ]
    elements = item.get("elements")
    if isinstance(elements, list) and elements:
        lines += ["Elements:", *(_element(n, each) for n, each in enumerate(elements, start=1))]
    if item.get("custom") is not None:
        lines += ["Custom json:", _json(item["custom"], indent=2)]
    return [line for text in lines for line in printable(text).split("\n")]


def buttons_of(item: dict[str, Any]) -> list[Button]:
    """The buttons of a bot's message, or its quick replies: REST delivers both as buttons."""
    given = item.get("buttons") or item.get("quick_replies")
    return [_button(each) for each in given] if isinstance(given, list) else []


def latest_buttons(items: Sequence[dict[str, Any]]) -> list[Button]:
    """The buttons of an answer's last message that has some.

    Rasa offers those of the very last message only, and loses them to an image that follows.
    """
    offers = (buttons_of(item) for item in reversed(items))
    return next((buttons for buttons in offers if buttons), [])


def button_lines(buttons: Sequence[Button]) -> list[str]:
    """Buttons as Rasa prints them: a heading, then `1: Title (payload)` and so on."""
    numbered = [f"{number}: {button.label}" for number, button in enumerate(buttons, start=1)]
    return ["Buttons:", *numbered] if numbered else []


def picked(line: str, buttons: Sequence[Button]) -> Button | None:
    """The button whose number the line is; None when the line is a message of its own."""
    if not (line.isascii() and line.isdigit()):
        return None
    number = int(line) if len(line) <= len(str(len(buttons))) else 0
    return buttons[number - 1] if 1 <= number <= len(buttons) else None


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream, each as soon as it is complete, wherever the chunks break."""
    pending = b""
    for chunk in chunks:
        *complete, pending = (pending + chunk).split(b"\n")
        yield from complete
    yield pending


def items_of(documents: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The bot's messages in JSON documents that are one message, or an array of them, each.

    Raises AnswerError for a document that is neither, and for the line that says the agent failed.
    """
    for document in documents:
        if not document.strip():
            continue
        parsed = parse(document)
        for item in parsed if isinstance(parsed, list) else [parsed]:
            if not isinstance(item, dict):
                raise _unreadable(document)
            if isinstance(item.get("error"), dict) and "recipient_id" not in item:
                raise AnswerError(f"The assistant failed: {error_text(item['error'])}")
            yield item


def parse(document: bytes) -> Any:
    """A JSON document of the answer; AnswerError with its beginning when it is none."""
    try:
        return json.loads(document)
    except (ValueError, RecursionError) as error:
        raise _unreadable(document) from error


def error_text(error: dict[str, Any]) -> str:
    """`502 Bad Gateway: why`, of what there is of `status`, `description` and `message`."""
    name = " ".join(str(error[key]) for key in ("status", "description") if error.get(key))
    message = error.get("message")
    return ": ".join(part for part in (name, _text(message) if message else "") if part)


def _unreadable(document: bytes) -> AnswerError:
    text = document.decode("utf-8", "replace").strip()
    excerpt = text if len(text) <= _EXCERPT_LENGTH else f"{text[:_EXCERPT_LENGTH]}..."
    return AnswerError(
        f"The answer cannot be read: {excerpt!r} is not a bot's message in JSON. "
        f"Is the address that of a REST channel?"
    )


def _button(given: Any) -> Button:
    if not isinstance(given, dict):
        return Button(_one_line(_text(given)), _text(given))
    button = {key: value for key, value in given.items() if value is not None}
    title = _text(button.get("title", ""))
    if "url" in button and "payload" not in button:
        link = _one_line(_text(button["url"]))
        return Button(f"{_one_line(title)}: {link}", None, link)
    # Rasa's sockets send the title of a button that has no payload; its shell would send nothing.
    payload = _text(button.get("payload", title))
    return Button(_one_line(button_to_string(button, 1).removeprefix("1:")), payload)


def _element(number: int, element: Any) -> str:
    if not isinstance(element, dict):
        return f"{number}: {_text(element)}"
    rest = {key: value for key, value in element.items() if key != "title"}
    return f"{number}: {_text(element.get('title', ''))} - {_json(rest)}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any, indent: int | None = None) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=indent is None)
    except RecursionError:
        return "(nested too deeply to be shown)"


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
