"""Plain JSON over a WebSocket, for clients without a Socket.IO library. Pure.

In our format, each frame has an `action`, named after Rasa's events:

    > {"action":"connect","token":"J"}                     < {"action":"connected","sid":"S"}
    > {"action":"session_request","session_id":"X"}        < {"action":"session_confirm",
                                                              "session_id":"X"}
    > {"action":"user_uttered","message":"hi","id":7}      < {"action":"ack","id":7}
                                                           < {"action":"bot_uttered","text":"Hey!"}
    > {"action":"ping"}                                    < {"action":"pong"}

`connect` is needed only if a token is required and the URL did not carry one. In the format of
Rasa Pro's WebSocket demo, the client's frames have no `action`:

    > {"message":"hi","sender":"me","metadata":{}}   < {"type":"text","text":"Hey!",
                                                        "recipient_id":"me"}
"""

from __future__ import annotations

from channels.socketio.actions import Close, Connected, Junk, Post
from channels.socketio.connection import DEMO, OPTIONS, PLAIN
from channels.socketio.messages import SESSION_REQUEST, queue, request_session, take_message
from channels.socketio.packets import decode_json, encode_json
from channels.socketio.settings import Identity, authenticate, session_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.socketio.actions import Action
    from channels.socketio.connection import Connection
    from channels.socketio.settings import ProtocolSettings


def receive(
    connection: Connection, frame: str, settings: ProtocolSettings, request_id: str
) -> list[Action]:
    """Process a frame; raises PacketError and Refused."""
    data = decode_json(frame)
    if not isinstance(data, dict):
        return [Junk("not a JSON object")]
    if "action" not in data and "message" in data:
        return _demo(connection, data, settings, request_id)
    if data.get("action") == "ping":
        return [Post(encode_json({"action": "pong"}))]
    if data.get("action") == "connect":
        return _connect(connection, data, settings)
    return _event(connection, data, settings, request_id)


def _event(
    connection: Connection, data: dict[str, Any], settings: ProtocolSettings, request_id: str
) -> list[Action]:
    if not _may_speak(connection, settings):
        return [Post(error_frame(connection, "not connected: send connect with a token first"))]
    action = data.get("action")
    if action == SESSION_REQUEST:
        actions = request_session(data, settings)
    elif action == settings.user_message_evt:
        actions = take_message(connection, data, settings, request_id)
    else:
        return [Post(error_frame(connection, "unknown action"))]
    if isinstance(data.get("id"), str | int):
        actions.append(Post(encode_json({"action": "ack", "id": data["id"]})))
    return actions


def session_frame(session: str) -> str:
    """The response to `session_request`."""
    return encode_json({"action": "session_confirm", "session_id": session})


def error_frame(connection: Connection, text: str) -> str:
    """An error, as a frame."""
    kind = "type" if connection.dialect == DEMO else "action"
    return encode_json({kind: "error", "message": text})


def _may_speak(connection: Connection, settings: ProtocolSettings) -> bool:
    return settings.claims is None or connection.authenticated


def _connect(
    connection: Connection, data: dict[str, Any], settings: ProtocolSettings
) -> list[Action]:
    identity = authenticate(connection, settings, data.get("token"))
    if identity is None:
        return [Post(error_frame(connection, "Authentication error")), Close()]
    chosen = {name for name in OPTIONS if name != "recovery" and data.get(name) is True}
    return [
        Connected(settings.namespace, PLAIN, identity, connection.options | chosen),
        Post(encode_json({"action": "connected", "sid": connection.sid})),
    ]


def _demo(
    connection: Connection, data: dict[str, Any], settings: ProtocolSettings, request_id: str
) -> list[Action]:
    """Process a frame of the demo's clients: empty text is ignored, `sender` is the session."""
    if not _may_speak(connection, settings):
        return [Post(error_frame(connection, "not connected: give a token in the address"))]
    if data["message"] == "":
        return []
    sender = session_id(data.get("sender")) or connection.session or connection.sid
    metadata = data.get("metadata")
    turned: list[Action] = []
    if connection.dialect != DEMO:
        identity = Identity(connection.authenticated, connection.subject)
        turned = [Connected(settings.namespace, DEMO, identity, connection.options)]
    metadata = metadata if isinstance(metadata, dict) else {}
    return [*turned, *queue(connection, sender, sender, data, metadata, request_id)]
