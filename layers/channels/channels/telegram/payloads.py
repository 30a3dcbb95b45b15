"""Button payloads too long for Telegram: `callback_data` holds 64 bytes."""

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
    """Return a button's `callback_data`: the payload, or the key it is stored under."""
    fits = len(payload.encode("utf-8", "surrogatepass")) <= MAX_CALLBACK_DATA
    return payload if fits and not is_key(payload) else key_of(payload)


def resolve(message: UserMessage, memory: KeyValueStore | None) -> None:
    """Replace a pressed button's key with its payload, or with the title if that has expired.

    Raises PlatformUnavailable if the memory does not respond.
    """
    title, key = (message.reply_to or {}).get("button"), message.text
    if title is None or key is None or not is_key(key):
        return
    payload = memory.get(key) if memory is not None else None
    if payload is None:
        logger.warning("%r: the button's payload has expired, using its title", message)
    message.text = title if payload is None else payload
