"""Engine.IO payloads: several frames in one HTTP body, for long polling. Pure.

    Engine.IO 4   frames with the character 0x1e between them
    Engine.IO 3   length:frame length:frame ..., the length in UTF-16 units (JavaScript's);
                  or in bytes: 0 or 1 (text, binary), digits of the length as bytes 0-9, 255, frame

Binary packets are in base64, after a `b`. Source: the Engine.IO protocol, revisions 4 and 3.
"""

from __future__ import annotations

import base64
import json
import re

from channels.socketio.connection import EIO3
from channels.socketio.packets import BINARY, PacketError

#: Most frames in one body: each is processed as if it had come alone.
MAX_FRAMES = 128

_SEPARATOR = "\x1e"
_BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")
_LENGTH = re.compile(r"([0-9]{1,7}):")
_TEXT, _BINARY, _END_OF_LENGTH = 0, 1, 255
_LENGTH_DIGITS = 7


def encode_payload(frames: list[str], version: str) -> str:
    """A body of text frames; `version` is EIO3 or EIO4.

    In version 3, characters beyond 16 bits become JSON escapes, because JavaScript clients count
    such a character as two and Python clients as one. Escapes are equivalent, as these characters
    occur only in JSON.
    """
    if version != EIO3:
        return _SEPARATOR.join(frames)
    escaped = (
        _BEYOND_16_BITS.sub(lambda found: json.dumps(found[0])[1:-1], each) for each in frames
    )
    return "".join(f"{_units(each)}:{each}" for each in escaped)


def decode_payload(body: bytes, version: str) -> list[str]:
    """The frames of a body, at least one; raises PacketError."""
    if not body:
        raise PacketError("an empty payload")
    if version != EIO3:
        frames = _text(body).split(_SEPARATOR)
    elif body[0] in (_TEXT, _BINARY):
        frames = _of_bytes(body)
    else:
        frames = _of_units(_text(body))
    if len(frames) > MAX_FRAMES:
        raise PacketError(f"more than {MAX_FRAMES} packets in a payload")
    if not all(frames):
        raise PacketError("an empty packet in a payload")
    return frames


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise PacketError("a payload must be UTF-8") from None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _of_units(text: str) -> list[str]:
    encoded = text.encode("utf-16-le")
    frames = []
    start = 0  # in UTF-16 units
    while 2 * start < len(encoded):
        head = encoded[2 * start : 2 * (start + _LENGTH_DIGITS + 1)].decode("utf-16-le", "replace")
        found = _LENGTH.match(head)
        if found is None:
            raise PacketError("a packet's length is missing")
        start += found.end()
        end = start + int(found[1])
        frames.append(_cut(encoded, 2 * start, 2 * end).decode("utf-16-le", "replace"))
        start = end
    return frames


def _of_bytes(body: bytes) -> list[str]:
    frames = []
    start = 0
    while start < len(body):
        end_of_length = body.find(_END_OF_LENGTH, start + 1, start + 2 + _LENGTH_DIGITS)
        digits = body[start + 1 : max(end_of_length, 0)]
        if body[start] not in (_TEXT, _BINARY) or not digits or max(digits) > 9:
            raise PacketError("a packet's length is missing")
        length = int("".join(map(str, digits)))
        packet = _cut(body, end_of_length + 1, end_of_length + 1 + length)
        is_text = body[start] == _TEXT
        frames.append(_text(packet) if is_text else BINARY + base64.b64encode(packet).decode())
        start = end_of_length + 1 + length
    return frames


def _cut(encoded: bytes, start: int, end: int) -> bytes:
    if end > len(encoded):
        raise PacketError("a packet is shorter than its length")
    return encoded[start:end]
