"""Text frames of Engine.IO 3 and 4, and the Socket.IO packets in them. Pure.

A frame is an Engine.IO type and its data; a message (`4`) is a Socket.IO packet:

    4 2 /rasa, 7 ["user_uttered",{"message":"hi"}]
    | | |      | data
    | | |      id of the requested acknowledgement
    | | namespace, left out for "/"
    | Socket.IO type

Source: the Engine.IO protocol (revisions 3 and 4) and the Socket.IO protocol (revisions 4 and 5).
Both revisions of Socket.IO write these packets alike. Binary packets (`5`, `6`) are read only up to
their type: API Gateway takes no binary frames, so their attachments never arrive.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Engine.IO frame types.
OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP, BINARY = "0", "1", "2", "3", "4", "5", "6", "b"

# Socket.IO packet types.
CONNECT, DISCONNECT, EVENT, ACK, ERROR, BINARY_EVENT, BINARY_ACK = "0", "1", "2", "3", "4", "5", "6"

_ENGINE_TYPES = "0123456b"
_SOCKET_TYPES = "0123456"
_DIGITS = frozenset("0123456789")

#: An acknowledgement's id has at most as many digits as JavaScript's largest integer, 2^53 - 1.
_ID_LENGTH = 16


class PacketError(Exception):
    """A frame is not Engine.IO, or contains no Socket.IO packet."""


class Packet:
    """A Socket.IO packet: `type` is one digit, `id` None if no acknowledgement is requested.

    `query` is what Socket.IO 2 clients append to the namespace that they connect to.
    """

    __slots__ = ("data", "id", "namespace", "query", "type")

    def __init__(
        self,
        packet_type: str,
        namespace: str = "/",
        packet_id: int | None = None,
        data: Any = None,
        query: str = "",
    ) -> None:
        self.type = packet_type
        self.namespace = namespace
        self.id = packet_id
        self.data = data
        self.query = query


def split_frame(frame: str) -> tuple[str, str]:
    """The Engine.IO type and the data of a frame; raises PacketError."""
    if not frame or frame[0] not in _ENGINE_TYPES:
        raise PacketError("not an Engine.IO frame")
    return frame[0], frame[1:]


def decode_packet(text: str) -> Packet:
    """Decode the packet in a message's data; raises PacketError.

    An event's data is a list that begins with its name, an acknowledgement's a list.
    """
    if not text or text[0] not in _SOCKET_TYPES:
        raise PacketError("not a Socket.IO packet")
    packet_type, rest = text[0], text[1:]
    if packet_type in (BINARY_EVENT, BINARY_ACK):
        return Packet(packet_type, _namespace(rest.partition("-")[2])[0])
    namespace, query, rest = _namespace(rest)
    length = 0
    while length < len(rest) and rest[length] in _DIGITS:
        length += 1
    if length > _ID_LENGTH:
        raise PacketError("the id of the packet is too long")
    packet_id = int(rest[:length]) if length else None
    data = decode_json(rest[length:]) if rest[length:] else None
    _check(packet_type, data)
    return Packet(packet_type, namespace, packet_id, data, query)


def _namespace(text: str) -> tuple[str, str, str]:
    """The namespace, the query and the rest."""
    if not text.startswith("/"):
        return "/", "", text
    address, _, rest = text.partition(",")
    namespace, _, query = address.partition("?")
    return namespace, query, rest


def _check(packet_type: str, data: Any) -> None:
    if packet_type == EVENT and not (isinstance(data, list) and data and isinstance(data[0], str)):
        raise PacketError("an event must be a list that begins with its name")
    if packet_type == ACK and not isinstance(data, list):
        raise PacketError("an acknowledgement must be a list")


def decode_json(text: str) -> Any:
    """Decode JSON; raises PacketError, also for NaN and for excessive nesting."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise PacketError(f"not JSON: {type(error).__name__}") from None


def _no_constant(name: str) -> None:
    raise PacketError(f"{name} is not JSON")


def encode_json(value: Any) -> str:
    """Encode as compact JSON, with other scripts unescaped: a frame's size counts in bytes."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def open_frame(
    sid: str,
    ping_interval: int,
    ping_timeout: int,
    max_payload: int,
    upgrades: tuple[str, ...] = (),
) -> str:
    """The handshake; times are in milliseconds, `max_payload` in bytes.

    `upgrades` are the transports that a client may upgrade to. The sum of both times must stay
    below 2^31: a longer JavaScript timer fires at once.
    """
    handshake = {
        "sid": sid,
        "upgrades": list(upgrades),
        "pingInterval": ping_interval,
        "pingTimeout": ping_timeout,
        "maxPayload": max_payload,
    }
    return OPEN + encode_json(handshake)


def connect_frame(namespace: str, data: Any = None) -> str:
    """A namespace is connected; `data` is `{"sid": ...}` in Socket.IO 5, None before."""
    return _message(CONNECT, namespace, None, data)


def event_frame(namespace: str, *arguments: Any) -> str:
    """An event: its name and its arguments."""
    return _message(EVENT, namespace, None, list(arguments))


def ack_frame(namespace: str, packet_id: int) -> str:
    """The acknowledgement of an event, without arguments, as Rasa's server sends it."""
    return _message(ACK, namespace, packet_id, [])


def error_frame(namespace: str, data: Any) -> str:
    """A refusal: an object in Socket.IO 5, a text in earlier versions."""
    return _message(ERROR, namespace, None, data)


def _message(packet_type: str, namespace: str, packet_id: int | None, data: Any) -> str:
    address = "" if namespace == "/" else f"{namespace},"
    number = "" if packet_id is None else str(packet_id)
    body = "" if data is None else encode_json(data)
    return f"{MESSAGE}{packet_type}{address}{number}{body}"
