"""Button payloads too long for Slack's values: stored under a short key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.messages.payloads import LIFETIME, is_key, key_of

if TYPE_CHECKING:
    from channels.channel import KeyValueStore


def shortened(memory: KeyValueStore | None, payload: str, title: str, limit: int) -> str:
    """Return a payload, or the key it is stored under if it is longer than `limit` characters.

    Without a store (`sam local invoke`), return the button's title, cut to `limit`.
    """
    if len(payload) <= limit:
        return payload
    if memory is None:
        return title[:limit]
    key = key_of(payload)
    memory.put(key, payload, LIFETIME)
    return key


def restored(memory: KeyValueStore, values: list[str], titles: list[str]) -> str:
    """Return the payloads of clicked values, and the title in place of an expired payload."""
    chosen = []
    for value, title in zip(values, titles, strict=True):
        payload = memory.get(value) if is_key(value) else value
        chosen.append(title if payload is None else payload)
    return ", ".join(chosen)
