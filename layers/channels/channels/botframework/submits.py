"""Clicks and forms: read an activity's `value`.

Our buttons carry `{"payload": "/affirm"}`. A bot's own card may do the same; what the user fills in
then follows the payload as entities, `/book{"date": "2026-01-01"}`.
"""

from __future__ import annotations

import json

from channels.messages.fields import object_of, text_of
from channels.messages.payloads import is_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Keys of a form's data that the user did not fill in.
_NOT_INPUTS = ("payload", "msteams")


def submitted_text(value: Any, text: str) -> str:
    """The text of a click: its payload, or the activity's own text, or the value as JSON."""
    payload = text_of(value, "payload") if isinstance(value, dict) else ""
    if payload:
        return _with_inputs(payload, value)
    if text or value is None or value in ({}, []):
        return text
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def executed_text(value: dict[str, Any]) -> str | None:
    """The text of an Adaptive Card's `Action.Execute`; None if no user clicked.

    Without a payload, the text is the action's verb with its data, `/approve{"id": 7}`; without
    either, the action's id or title.
    """
    # A card that refreshes itself calls the bot too.
    if value.get("trigger") == "automatic":
        return None
    action = object_of(value, "action")
    verb, data = text_of(action, "verb"), object_of(action, "data")
    if verb and not text_of(data, "payload"):
        data = {**data, "payload": f"/{verb.removeprefix('/')}"}
    names = (text_of(action, "id"), text_of(action, "title"), "Action.Execute")
    return submitted_text(data, "") or next(name for name in names if name)


def _with_inputs(payload: str, value: dict[str, Any]) -> str:
    inputs = {key: each for key, each in value.items() if key not in _NOT_INPUTS}
    if not inputs or is_key(payload) or not payload.startswith("/") or "{" in payload:
        return payload
    return f"{payload}{json.dumps(inputs, ensure_ascii=False)}"
