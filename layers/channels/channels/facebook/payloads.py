"""Payloads that are too long for a button: the channel stores them and sends a key instead.

Meta takes 1000 characters. The key depends on the payload alone, so a repeated turn sends the same
key.
"""

from __future__ import annotations

from channels.messages.payloads import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Longest payload of a button or quick reply (characters).
LONGEST_PAYLOAD = 1000


def has_long_payload(buttons: list[dict[str, Any]]) -> bool:
    """Whether any of the buttons or quick replies has a payload that must be stored."""
    return any(is_long(button.get("payload")) for button in buttons)


def is_long(payload: object) -> bool:
    """Whether the payload is too long for Meta."""
    return isinstance(payload, str) and len(payload) > LONGEST_PAYLOAD


def with_keys(part: Any) -> tuple[Any, dict[str, str]]:
    """A message with keys in place of its long payloads, and those payloads by key."""
    stored: dict[str, str] = {}
    return _with_keys(part, stored), stored


def _with_keys(part: Any, stored: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_with_keys(each, stored) for each in part]
    if not isinstance(part, dict):
        return part
    copy = {key: _with_keys(value, stored) for key, value in part.items()}
    payload = copy.get("payload")
    if isinstance(payload, str) and is_long(payload):
        key = key_of(payload)
        stored[key] = payload
        copy["payload"] = key
    return copy
