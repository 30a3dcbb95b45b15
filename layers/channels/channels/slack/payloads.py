"""Button payloads that are longer than Slack's values: remembered under a short key."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from channels.channel import Memory

#: How long a button with a long payload works (seconds, 30 days).
LIFETIME = 30 * 86_400.0

_PREFIX = "payload:"


def shortened(memory: Memory | None, payload: str, title: str, limit: int) -> str:
    """A payload, or a key of it where it is longer than `limit` characters.

    Where nothing can be remembered (`sam local invoke`), a click says the button's title.
    """
    if len(payload) <= limit:
        return payload
    if memory is None:
        return title[:limit]
    key = _PREFIX + hashlib.sha256(payload.encode("utf-8", "replace")).hexdigest()[:32]
    memory.put(key, payload, LIFETIME)
    return key


def restored(memory: Memory, values: list[str], titles: list[str]) -> str:
    """What clicked values stand for; the title the user saw where a payload is forgotten."""
    chosen = []
    for value, title in zip(values, titles, strict=True):
        payload = memory.get(value) if value.startswith(_PREFIX) else value
        chosen.append(title if payload is None else payload)
    return ", ".join(chosen)
