"""The bot's frames in each client's dialect. Pure."""

from __future__ import annotations

from channels.socketio import plain
from channels.socketio.connection import DEMO, EIO3, EIO4
from channels.socketio.packets import encode_json, event_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.socketio.connection import Connection

#: Events for the chunks of a streamed reply, and for a reply that is on its way.
STREAM_EVENT = "bot_stream"
TYPING_EVENT = "bot_typing"

_OFFSET_DIGITS = 20


def offset_of(sequence: int) -> str:
    """A sequence number in the form of connection state recovery."""
    return f"{sequence:0{_OFFSET_DIGITS}}"


def sequence_of(offset: str) -> int:
    """The sequence number of an offset; 0 for any other text.

    Clients take an event's last argument for its offset if it is a text, whatever it contains.
    """
    is_ours = len(offset) == _OFFSET_DIGITS and offset.isascii() and offset.isdecimal()
    return int(offset) if is_ours else 0


def bot_message(
    connection: Connection, event: str, payload: Any, sequence: int, recipient_id: str
) -> str:
    """One of the bot's messages, under its event's name."""
    if connection.dialect in (EIO3, EIO4):
        if "recovery" in connection.options:
            return event_frame(connection.namespace, event, payload, offset_of(sequence))
        return event_frame(connection.namespace, event, payload)
    content = payload if isinstance(payload, dict) else {"data": payload}
    if connection.dialect == DEMO:
        kind = next((key for key in ("text", "attachment") if key in content), "custom")
        return encode_json({**content, "type": kind, "recipient_id": recipient_id})
    return encode_json({**content, "action": event})


def session_confirm(connection: Connection, session: str, sequence: int) -> str:
    """The bare session id, as Rasa sends it, then the offset if the client uses recovery."""
    if connection.dialect not in (EIO3, EIO4):
        return plain.session_frame(session)
    if "recovery" in connection.options:
        return event_frame(connection.namespace, "session_confirm", session, offset_of(sequence))
    return event_frame(connection.namespace, "session_confirm", session)


def stream_start(connection: Connection, recipient_id: str) -> str | None:
    """The start of a streamed reply; None for clients without such a frame."""
    if connection.dialect != DEMO:
        return None
    return encode_json({"type": "stream_start", "recipient_id": recipient_id})


def stream_delta(
    connection: Connection, stream: dict[str, Any], delta: str, recipient_id: str
) -> str:
    """A chunk of a streamed reply; `stream` is {"id", "seq"}."""
    if connection.dialect == DEMO:
        chunk = {"type": "stream_chunk", "chunk": delta, "recipient_id": recipient_id}
        return encode_json(chunk)
    return _event(connection, STREAM_EVENT, {**stream, "delta": delta})


def stream_end(connection: Connection, stream: dict[str, Any], recipient_id: str) -> str:
    """The end of a streamed reply."""
    if connection.dialect == DEMO:
        return encode_json({"type": "stream_end", "recipient_id": recipient_id})
    return _event(connection, STREAM_EVENT, {**stream, "done": True})


def typing(connection: Connection) -> str:
    """A reply is on its way."""
    return _event(connection, TYPING_EVENT, {})


def _event(connection: Connection, event: str, payload: dict[str, Any]) -> str:
    if connection.dialect in (EIO3, EIO4):
        return event_frame(connection.namespace, event, payload)
    return encode_json({"action": event, **payload})
