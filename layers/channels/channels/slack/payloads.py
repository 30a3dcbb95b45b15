"""Button payloads that are longer than Slack's values: remembered under a short key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.messages.payloads import LIFETIME, is_key, key_of

if TYPE_CHECKING:
    from channels.channel import KeyValueStore


def shortened(memory: KeyValueStore | None, payload: str, title: str, limit: int) -> str:
    """A payload, or a key of it where it is longer than `limit` characters.

    Where nothing can be remembered (`sam local invoke`), a click says the button's title.
    """
    if len(payload) <= limit:
        return payload
    if memory is None:
        return title[:limit]
    key = key_of(payload)
    memory.put(key, payload, LIFETIME)
    return key


def restored(memory: KeyValueStore, values: list[str], titles: list[str]) -> str:
    """What clicked values stand for; the title the user saw where a payload is forgotten."""
    chosen = []
    for value, title in zip(values, titles, strict=True):
        payload = memory.get(value) if is_key(value) else value
        chosen.append(title if payload is None else payload)
    return ", ".join(chosen)
