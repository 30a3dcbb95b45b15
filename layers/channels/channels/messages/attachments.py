"""The address of the file in a bot's attachment."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from typing import Any, TypeGuard


def is_url(value: Any) -> TypeGuard[str]:
    """Return whether a value is the address of a page or a file."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def source_of(attachment: Any) -> Any:
    """Return the value that an attachment gives as its file's address.

    This is the attachment itself, or `src` or `url` of Rasa's `{"type", "payload": {"src" or
    "url"}}` or of an object without a payload.
    """
    if not isinstance(attachment, dict):
        return attachment
    payload = attachment.get("payload")
    where = payload if isinstance(payload, dict) else attachment
    return where.get("src") or where.get("url")


def url_of(attachment: Any) -> str | None:
    """Return the address of an attachment's file, None if it names none."""
    source = source_of(attachment)
    return source if is_url(source) else None


def rasas_url_of(attachment: Any) -> str | None:
    """`url_of`, but None for an object without Rasa's payload: it is the platform's own."""
    if isinstance(attachment, dict) and not isinstance(attachment.get("payload"), dict):
        return None
    return url_of(attachment)


def file_name_of(url: str) -> str:
    """Return the file name in an address, "" if it has none."""
    try:
        return unquote(posixpath.basename(urlsplit(url).path))
    except ValueError:
        return ""
