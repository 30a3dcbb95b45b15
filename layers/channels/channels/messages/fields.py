"""Reading foreign JSON without trusting its shape: a value of another type is an absent one."""

from __future__ import annotations

from channels.errors import PayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request


def text_of(document: dict[str, Any], key: str) -> str:
    """A text, "" when there is none."""
    value = document.get(key)
    return value if isinstance(value, str) else ""


def texts_of(document: dict[str, Any], key: str) -> list[str]:
    """The texts of an array, none when it is not one."""
    value = document.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def object_of(document: dict[str, Any], key: str) -> dict[str, Any]:
    """An object, an empty one when there is none."""
    return as_object(document.get(key))


def objects_of(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of an array, none when it is not one."""
    value = document.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_object(value: Any) -> dict[str, Any]:
    """A value that is an object, an empty one for all others."""
    return value if isinstance(value, dict) else {}


def body_object(request: Request) -> dict[str, Any] | None:
    """The JSON object that is a request's body, None when it is none or not even JSON."""
    try:
        body = request.json
    except PayloadError:
        return None
    return body if isinstance(body, dict) else None
