"""Buttons' payloads that Telegram has no room for: `callback_data` takes 64 bytes."""

from __future__ import annotations

import logging

from channels.messages.payloads import is_key, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.channel import KeyValueStore, UserMessage

logger = logging.getLogger(__name__)

#: Longest `callback_data` (bytes of UTF-8; core.telegram.org/bots/api#inlinekeyboardbutton).
MAX_CALLBACK_DATA = 64


def callback_data(payload: str) -> str:
    """What stands for a payload in a button: itself, or the key it is remembered under."""
    fits = len(payload.encode("utf-8", "surrogatepass")) <= MAX_CALLBACK_DATA
    return payload if fits and not is_key(payload) else key_of(payload)


def resolve(message: UserMessage, memory: KeyValueStore | None) -> None:
    """Replace a pressed button's key by its payload, or by the button's title when that is gone.

    PlatformUnavailable when the memory does not answer.
    """
    title, key = (message.reply_to or {}).get("button"), message.text
    if title is None or key is None or not is_key(key):
        return
    payload = memory.get(key) if memory is not None else None
    if payload is None:
        logger.warning("%r: the button's payload is forgotten, its title stands in", message)
    message.text = title if payload is None else payload
