"""A bot's attachments: the address of the file in them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from typing import Any, TypeGuard


def is_url(value: Any) -> TypeGuard[str]:
    """Whether a value is the address of a page or a file."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def source_of(attachment: Any) -> Any:
    """What stands in an attachment where the address of its file belongs.

    The attachment itself, or `src` or `url` of Rasa's `{"type", "payload": {"src" or "url"}}` or of
    an object without a payload.
    """
    if not isinstance(attachment, dict):
        return attachment
    payload = attachment.get("payload")
    where = payload if isinstance(payload, dict) else attachment
    return where.get("src") or where.get("url")


def url_of(attachment: Any) -> str | None:
    """The address of an attachment's file, None when it names none."""
    source = source_of(attachment)
    return source if is_url(source) else None


def rasas_url_of(attachment: Any) -> str | None:
    """`url_of` where an object without Rasa's payload is an attachment of the platform's own."""
    if isinstance(attachment, dict) and not isinstance(attachment.get("payload"), dict):
        return None
    return url_of(attachment)


def file_name_of(url: str) -> str:
    """The name of the file at an address, "" where it has none."""
    try:
        return unquote(posixpath.basename(urlsplit(url).path))
    except ValueError:
        return ""
