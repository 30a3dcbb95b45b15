"""A bot's buttons: what they are titled and what a click says, whatever of it is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

#: Stands where a button needs a title and there is none.
NO_TITLE = "\u2026"


def as_button(given: Any) -> dict[str, Any]:
    """A button of a response: bots may write a mere title in its place."""
    return given if isinstance(given, dict) else {"title": given}


def title_of(button: dict[str, Any]) -> str:
    """A button's title, else its payload or its URL, without the white space around it."""
    titles = (str(button.get(key) or "").strip() for key in ("title", "payload", "url"))
    return next((title for title in titles if title), NO_TITLE)


def said_by(button: dict[str, Any], *keys: str) -> str:
    """What a click says: the first of these keys that says something, "" when none does.

    What is no text is said as JSON.
    """
    value = next((button[key] for key in keys if button.get(key)), "")
    return value if isinstance(value, str) else json.dumps(value)
