"""Button payloads that are too long for a card, remembered under a short key."""

from __future__ import annotations

import logging

from channels.messages.fields import object_of, text_of
from channels.messages.payloads import is_key, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.channel import KeyValueStore, UserMessage

logger = logging.getLogger(__name__)

#: Longest payload that a button carries as it is (bytes of UTF-8): six of them, each written
#: twice, leave room in a card of 28 KB.
MAX_PAYLOAD = 1000


def is_long(payload: str) -> bool:
    """Whether a payload is remembered, and the button carries its key.

    True also for a payload that looks like a key, as the two could not be told apart.
    """
    return len(payload.encode("utf-8", "surrogatepass")) > MAX_PAYLOAD or is_key(payload)


def short(payload: str, memory: KeyValueStore | None) -> str:
    """What a button carries for a payload: the payload itself, or its key in memory."""
    return key_of(payload) if memory is not None and is_long(payload) else payload


def resolve(message: UserMessage, memory: KeyValueStore | None) -> None:
    """Replace a clicked button's key by its payload, or by the button's title if it has expired.

    Raises PlatformUnavailable if the store does not respond.
    """
    if memory is None or message.text is None or not is_key(message.text):
        return
    payload = memory.get(message.text)
    if payload is None:
        logger.warning("%r: the button's payload has expired", message)
        payload = text_of(object_of(message.metadata or {}, "value"), "title") or None
    message.text = payload or message.text
