"""Map a client's frame to actions: (connection, frame, settings) -> actions. Pure, never raises.

Handles Socket.IO clients of both protocol versions; `plain` handles JSON. A connection begins so:

    Engine.IO 4    server 0{...}            client 40 or 40{"token":..}   server 40{"sid":..}
    Engine.IO 3    server 0{...}, then 40   nothing: the namespace "/" is connected implicitly
                                            client 40/rasa                server 40/rasa

Rasa's events follow: `session_request`, answered with `session_confirm` and the bare id, and the
user's messages.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from channels.socketio import plain
from channels.socketio.actions import Close, Connected, Junk, Left, Post, Received, Recover
from channels.socketio.connection import EIO3, EIO4, OPTIONS
from channels.socketio.messages import SESSION_REQUEST, Refused, request_session, take_message
from channels.socketio.packets import (
    ACK,
    BINARY,
    BINARY_ACK,
    BINARY_EVENT,
    CLOSE,
    CONNECT,
    DISCONNECT,
    EVENT,
    MESSAGE,
    NOOP,
    PING,
    PONG,
    UPGRADE,
    Packet,
    PacketError,
    ack_frame,
    connect_frame,
    decode_packet,
    error_frame,
    event_frame,
    split_frame,
)
from channels.socketio.settings import MAX_FRAME, authenticate, session_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.socketio.actions import Action
    from channels.socketio.connection import Connection
    from channels.socketio.settings import ProtocolSettings

NO_BINARY = "binary data does not pass: send texts"
NOT_CONNECTED = "not connected: send CONNECT first"
#: A ping has no data, or `probe`.
_PROBE = 5

TOO_LARGE = f"a message has up to {MAX_FRAME} bytes"


def receive(
    connection: Connection, frame: str, settings: ProtocolSettings, request_id: str
) -> list[Action]:
    """Process a frame; `request_id` is API Gateway's id of it, the message's id if needed.

    Frames that mean nothing to the server return no action.
    """
    if len(frame.encode("utf-8", "surrogatepass")) > MAX_FRAME:
        return [Post(error_event(connection, TOO_LARGE)), Close()]
    try:
        if connection.dialect not in (EIO3, EIO4):
            return plain.receive(connection, frame, settings, request_id)
        return _engine(connection, frame, settings, request_id)
    except PacketError as error:
        return [Junk(str(error))]
    except Refused as error:
        return [Post(error_event(connection, str(error)))]


def error_event(connection: Connection, text: str) -> str:
    """A frame that tells the client what went wrong, in the client's dialect."""
    if connection.dialect in (EIO3, EIO4):
        return event_frame(connection.namespace or "/", "error", {"message": text})
    return plain.error_frame(connection, text)


def _engine(
    connection: Connection, frame: str, settings: ProtocolSettings, request_id: str
) -> list[Action]:
    kind, rest = split_frame(frame)
    if kind == MESSAGE:
        return _packet(connection, decode_packet(rest), settings, request_id)
    if kind == PING:
        return [Post(PONG + rest[:_PROBE])]
    if kind == PONG:
        return [Received()]
    if kind == CLOSE:
        return [Close()]
    if kind == BINARY:
        return [Post(error_event(connection, NO_BINARY))]
    if kind in (UPGRADE, NOOP):
        return []
    raise PacketError("a client must not send OPEN")


def _packet(
    connection: Connection, packet: Packet, settings: ProtocolSettings, request_id: str
) -> list[Action]:
    if packet.type == CONNECT:
        return _connect(connection, packet, settings)
    if not connection.namespace or packet.namespace != connection.namespace:
        refused = packet.type in (EVENT, BINARY_EVENT)
        return [Post(_error(connection, packet.namespace, NOT_CONNECTED))] if refused else []
    if packet.type == EVENT:
        return _event(connection, packet, settings, request_id)
    if packet.type == DISCONNECT:
        return [Left()]
    if packet.type in (BINARY_EVENT, BINARY_ACK):
        return [Post(error_event(connection, NO_BINARY))]
    if packet.type == ACK:
        return []  # we never request one
    raise PacketError("a client must not send an error")


def _connect(connection: Connection, packet: Packet, settings: ProtocolSettings) -> list[Action]:
    namespace = packet.namespace
    if namespace != settings.namespace:
        if namespace == "/" and connection.dialect == EIO3:
            return []
        return [Post(_error(connection, namespace, "Invalid namespace"))]
    auth = packet.data if isinstance(packet.data, dict) else {}
    query = {name: values[-1] for name, values in parse_qs(packet.query).items()}
    identity = authenticate(connection, settings, auth.get("token") or query.get("token"))
    if identity is None:
        return [Post(_error(connection, namespace, "Authentication error")), Close()]
    chosen = {name for name in OPTIONS if auth.get(name) is True or query.get(name) == "1"}
    options = connection.options | chosen
    connected = Connected(namespace, connection.dialect, identity, options)
    if connection.dialect == EIO3:
        return [connected, Post(connect_frame(namespace))]
    if "recovery" not in options:
        return [connected, Post(connect_frame(namespace, {"sid": connection.sid}))]
    pid, offset = auth.get("pid"), auth.get("offset")
    return [connected, Recover(session_id(pid), offset if isinstance(offset, str) else "")]


def _event(
    connection: Connection, packet: Packet, settings: ProtocolSettings, request_id: str
) -> list[Action]:
    name = packet.data[0]
    data = packet.data[1] if len(packet.data) > 1 else None
    if name == SESSION_REQUEST:
        actions = request_session(data, settings)
    elif name == settings.user_message_evt:
        actions = take_message(connection, data, settings, request_id)
    else:
        actions = []  # acknowledged, as by a server without a handler for it
    if packet.id is not None:
        actions.append(Post(ack_frame(packet.namespace, packet.id)))
    return actions


def _error(connection: Connection, namespace: str, text: str) -> str:
    return error_frame(namespace, text if connection.dialect == EIO3 else {"message": text})
