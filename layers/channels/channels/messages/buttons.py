"""A bot's buttons: their titles, and what a click sends, whichever keys are missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

#: Replaces a missing title where a button needs one.
NO_TITLE = "\u2026"


def as_button(given: Any) -> dict[str, Any]:
    """Return a button of a response; bots may write just a title instead of an object."""
    return given if isinstance(given, dict) else {"title": given}


def title_of(button: dict[str, Any]) -> str:
    """Return a button's title, else its payload or its URL, stripped of white space."""
    titles = (str(button.get(key) or "").strip() for key in ("title", "payload", "url"))
    return next((title for title in titles if title), NO_TITLE)


def said_by(button: dict[str, Any], *keys: str) -> str:
    """Return what a click sends: the first of these keys that is set, "" if none is.

    A value that is not a string is returned as JSON.
    """
    value = next((button[key] for key in keys if button.get(key)), "")
    return value if isinstance(value, str) else json.dumps(value)
