"""What a submitted card says: the payload of a button, stored under a key if it is long."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from channels.messages.payloads import is_key, key_of
from channels.messages.text import utf8_bytes

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore

logger = logging.getLogger(__name__)

#: Longer payloads are stored under a key (bytes of UTF-8). Webex publishes no limit.
MAX_PAYLOAD = 2000


def button_value(payload: str) -> str:
    """Return a button's value: the payload, or the key it is stored under."""
    fits = utf8_bytes(payload) <= MAX_PAYLOAD and not is_key(payload)
    return payload if fits else key_of(payload)


def said_by(inputs: object, memory: KeyValueStore | None) -> str:
    """Return the text of a submitted card: its `payload`, or else all of its inputs as JSON.

    An expired payload is replaced by the button's title. Raises PlatformUnavailable if the memory
    does not respond.
    """
    if not isinstance(inputs, dict) or not inputs:
        return ""
    payload = inputs.get("payload")
    if not isinstance(payload, str):
        return json.dumps(inputs if payload is None else payload, ensure_ascii=False)
    return _restored(payload, inputs, memory) if is_key(payload) else payload


def _restored(key: str, inputs: dict[str, Any], memory: KeyValueStore | None) -> str:
    payload = memory.get(key) if memory is not None else None
    if payload is not None:
        return payload
    logger.warning("webexteams: a button's payload has expired, using its title")
    return str(inputs.get("title") or key)
