"""Reading activities without trusting their shape: a value of another type is an absent one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def text_of(document: dict[str, Any], key: str) -> str:
    """A text, "" when there is none."""
    value = document.get(key)
    return value if isinstance(value, str) else ""


def object_of(document: dict[str, Any], key: str) -> dict[str, Any]:
    """An object, an empty one when there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def objects_of(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of an array, none when it is not one."""
    value = document.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
