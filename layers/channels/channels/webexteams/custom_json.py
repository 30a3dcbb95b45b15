"""A bot's custom JSON as messages for Webex's API, each with at most one file and one card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.messages.text import split_text, utf8_bytes

if TYPE_CHECKING:
    from typing import Any

#: Longest `text` and `markdown` of a message (bytes of UTF-8;
#: developer.webex.com, "Create a Message").
MAX_TEXT = 7439

#: Keys with which a message names its own recipient.
TARGETS = ("roomId", "toPersonId", "toPersonEmail")

_CONTENTS = ("text", "markdown", "html", "files", "attachments")
_LISTS = ("files", "attachments")


def messages_of(json_message: Any) -> list[dict[str, Any]]:
    """Return the messages of a custom JSON, in order; none if Webex has nothing in it to show.

    The keys are those of "Create a Message". Long texts are split; each further file or card gets
    a message of its own.
    """
    if not isinstance(json_message, dict) or not any(json_message.get(key) for key in _CONTENTS):
        return []
    others = {key: value for key, value in json_message.items() if key not in _CONTENTS}
    texts = _texts(json_message)
    lists = {key: _items(json_message.get(key)) for key in _LISTS}
    messages = [{**others, **text} for text in texts[:-1]]
    last = texts[-1] if texts else {}
    first = {key: items[:1] for key, items in lists.items() if items}
    messages.append({**others, **last, **first})
    messages += [{**others, "files": [file]} for file in lists["files"][1:]]
    # A card needs a text for clients that cannot show it.
    messages += [{**others, **last, "attachments": [card]} for card in lists["attachments"][1:]]
    return messages


def _items(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value] if value else []


def _texts(custom: dict[str, Any]) -> list[dict[str, Any]]:
    """The texts of each message; a `text` beside `markdown` or `html` is only a substitute."""
    given = {key: custom[key] for key in ("markdown", "html", "text") if custom.get(key)}
    if not given:
        return []
    if all(utf8_bytes(str(text)) <= MAX_TEXT for text in given.values()):
        return [given]
    shown = next(iter(given))
    return [{shown: part} for part in split_text(str(given[shown]), MAX_TEXT, utf8_bytes)]
