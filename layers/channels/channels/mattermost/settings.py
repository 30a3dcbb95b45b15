"""The channel's settings in credentials.yml, checked; a wrong one is a CredentialsError."""

from __future__ import annotations

import re

from channels.errors import CredentialsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_URL = re.compile(r"https?://\S+")
_PARTS = ("team", "channel", "user")

#: Smallest `max_post_size`; servers that were never migrated take 4000 characters.
_LEAST_POST_SIZE = 100


def granularity(given: object) -> str:
    """`sender`, `channel`, or several of team, channel and user joined by colons."""
    if isinstance(given, str):
        parts = given.split(":")
        is_ours = len(parts) > 1 and len(set(parts)) == len(parts) and set(parts) <= set(_PARTS)
        if given in ("sender", "channel") or is_ours:
            return given
    raise wrong(
        "conversation_granularity",
        "must be sender, channel, or several of team, channel, user joined by colons, such as "
        "channel:user; Mattermost does not tell of threads",
    )


def post_size(given: object) -> int | None:
    """A size of posts, None for the one that current servers take."""
    if given is not None and (not isinstance(given, int) or given < _LEAST_POST_SIZE):
        raise wrong("max_post_size", f"must be a number of characters from {_LEAST_POST_SIZE} on")
    return given


def tokens(given: object) -> list[str]:
    """One token or several, as a list; an empty one would let everybody in."""
    tokens = given if isinstance(given, list) else [given] if given is not None else []
    if not all(isinstance(token, str) and token.strip() for token in tokens):
        raise wrong("webhook_tokens", "must be a text or a list of texts, none of them empty")
    return [str(token).strip() for token in tokens]


def address(key: str, value: object, *, needed: bool) -> str:
    """An HTTP address; "" for one that is not needed and not there."""
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise wrong(key, "must be an address that begins with https:// or http://")
    return value


def text(credentials: dict[str, Any], key: str) -> str | None:
    """A text without the white space around it, None when there is none."""
    value = credentials.get(key)
    if not isinstance(value, str | None):
        raise wrong(key, "must be a text")
    return value.strip() or None if value else None


def switch(credentials: dict[str, Any], key: str) -> bool:
    """Whether a setting is true; it may be left out."""
    value = credentials.get(key)
    if not isinstance(value, bool | None):
        raise wrong(key, "must be true or false")
    return bool(value)


def wrong(key: str, what: str) -> CredentialsError:
    """The error that names a setting, and where it is explained."""
    return CredentialsError(f"mattermost: '{key}' {what} (README, section 'Mattermost')")
