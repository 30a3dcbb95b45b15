"""Read foreign JSON without trusting its shape: a value of the wrong type counts as missing."""

from __future__ import annotations

from channels.errors import PayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request


def text_of(document: dict[str, Any], key: str) -> str:
    """Return a string, "" if it is missing."""
    value = document.get(key)
    return value if isinstance(value, str) else ""


def texts_of(document: dict[str, Any], key: str) -> list[str]:
    """Return the strings of an array, [] if the value is not an array."""
    value = document.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def object_of(document: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object, an empty one if it is missing."""
    return as_object(document.get(key))


def objects_of(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of an array, [] if the value is not an array."""
    value = document.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_object(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, otherwise an empty object."""
    return value if isinstance(value, dict) else {}


def body_object(request: Request) -> dict[str, Any] | None:
    """Return a request's body if it is a JSON object, None for any other body."""
    try:
        body = request.json
    except PayloadError:
        return None
    return body if isinstance(body, dict) else None
