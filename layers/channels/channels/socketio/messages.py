"""Read a user's message from an event, the same in every dialect. Pure.

    {"message": "hi", "session_id": "3f6c...", "metadata": {...}, "message_id": "m-1"}

Rasa's fields, and `message_id`, ours: the client's own id, by which a message that it resends in
the same conversation is recognised.
"""

from __future__ import annotations

import hashlib

from channels.channel import UserMessage
from channels.socketio.actions import Confirm, Enqueue, Join
from channels.socketio.packets import PacketError, decode_json
from channels.socketio.settings import session_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.socketio.actions import Action
    from channels.socketio.connection import Connection
    from channels.socketio.settings import ProtocolSettings


#: Rasa's event with which a client requests its session.
SESSION_REQUEST = "session_request"


class Refused(Exception):
    """An event that cannot be accepted; the text is for the client's developer."""


def take_message(
    connection: Connection, data: Any, settings: ProtocolSettings, request_id: str
) -> list[Action]:
    """Join the session that a message names, and queue the message; raises Refused.

    Without `session_persistence`, the conversation is the connection, as in Rasa. With it, a
    message without a `session_id` belongs to the session that the connection has joined, or else
    to the connection's own; Rasa drops such a message.
    """
    name = settings.user_message_evt
    if not isinstance(data, dict):
        raise Refused(f"{name} takes an object")
    if not settings.session_persistence:
        session = connection.session
        sender_id = connection.sid
    else:
        session = session_id(data.get("session_id")) or connection.session or connection.sid
        sender_id = session
    return queue(
        connection, session, sender_id, data, _metadata(data, settings.metadata_key), request_id
    )


def queue(
    connection: Connection,
    session: str,
    sender_id: str,
    data: dict[str, Any],
    metadata: dict[str, Any],
    request_id: str,
) -> list[Action]:
    """Join `session` if there is one, and queue the text in `data` for `sender_id`."""
    text = data.get("message")
    if text is not None and not isinstance(text, str):
        raise Refused("'message' must be a text")
    message = UserMessage(
        text or "",
        sender_id=sender_id,
        input_channel="socketio",
        message_id=_message_id(data.get("message_id"), sender_id) or request_id,
        metadata=metadata,
        reply_to={"room": session} if session else {"connection": connection.id},
    )
    joined: list[Action] = []
    if session and session != connection.session:
        joined.append(Join(session, confirm=False))
    return [*joined, Enqueue(message)]


def _message_id(given: object, sender_id: str) -> str:
    """A client's own message id, made unique in the whole channel; "" if it sent none.

    Different clients may use the same ids. The sender is added as a hash, because ids are logged
    and anybody who knows a session's id can join it.
    """
    own = session_id(given)
    if not own:
        return ""
    return f"{own}-{hashlib.sha256(sender_id.encode()).hexdigest()[:16]}"


def _metadata(data: dict[str, Any], key: str) -> dict[str, Any]:
    """An object, or JSON text of one; other values go under their key (Rasa loses the message)."""
    value = data.get(key)
    if isinstance(value, str):
        try:
            value = decode_json(value)
        except PacketError:
            value = data[key]
    if value is None or value == "":
        return {}
    return value if isinstance(value, dict) else {key: value}


def request_session(data: Any, settings: ProtocolSettings) -> list[Action]:
    """Respond to a `session_request`: with the session requested, or a new one.

    It may come without any data, which Rasa does not answer. `offset`, ours, is the offset of the
    session's newest message that the client has.
    """
    fields = data if isinstance(data, dict) else {"session_id": data}
    session = session_id(fields.get("session_id")) or settings.new_session_id()
    if not settings.session_persistence:
        return [Confirm(session)]
    offset = fields.get("offset")
    return [Join(session, confirm=True, offset=offset if isinstance(offset, str) else "")]
