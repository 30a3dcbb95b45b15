"""Long polling: Engine.IO over HTTP, for clients that start with it or can use nothing else.

    GET  /socket.io/?EIO=4&transport=polling             a new session: OPEN
    GET  /socket.io/?EIO=4&transport=polling&sid=...     frames for the client, now or soon
    POST /socket.io/?EIO=4&transport=polling&sid=...     frames from the client

A session is a connection like a WebSocket's: its frames take the same path
(`sockets.MessageHandler`), and frames to the client wait in the state table (`transports`).
Responses and errors are those of Engine.IO's own server (engine.io, `Server.errors`).
"""

from __future__ import annotations

import logging
import os
import time

from channels.aws.queues.delayed_checks import CONNECTED, DelayedChecks
from channels.aws.sockets.connections_table import NotThere
from channels.aws.sockets.polling_table import HOLD, Upgraded, new_id, sid_of, split_sid
from channels.aws.sockets.registry import CHANNEL
from channels.errors import RecipientGone
from channels.handlers.sockets.timers import handshake
from channels.http.error_responses import respond_to_event
from channels.http.response import Response
from channels.socketio.admission import Refusal, admit, check_origin
from channels.socketio.connection import EIO3, EIO4
from channels.socketio.packets import CLOSE, NOOP, PacketError, connect_frame
from channels.socketio.polling_codec import decode_payload, encode_payload
from channels.socketio.settings import MAX_POST
from channels.telemetry.logs import add_fields
from channels.telemetry.metrics import REFUSED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.aws.sockets.registry import SessionRegistry
    from channels.handlers.sockets.frames import MessageHandler
    from channels.http.request import Request
    from channels.socketio.input import SocketIOInput

logger = logging.getLogger(__name__)

#: The default path of Socket.IO clients.
PATH = "/socket.io"

# Engine.IO's errors.
UNKNOWN_TRANSPORT = (0, "Transport unknown")
UNKNOWN_SID = (1, "Session ID unknown")
BAD_HANDSHAKE_METHOD = (2, "Bad handshake method")
BAD_REQUEST = (3, "Bad request")
FORBIDDEN = (4, "Forbidden")
UNSUPPORTED_VERSION = (5, "Unsupported protocol version")

#: Pauses between checks for a frame (seconds), shorter soon after the client has sent one: a reply
#: is likely then.
_SOON, _LATER = 0.1, 1.0
_NEAR = 5.0

_PREFLIGHT_SECONDS = "600"


class EngineError(Exception):
    """One of Engine.IO's errors to respond with, with further details in words."""

    def __init__(self, error: tuple[int, str], status: int = 400, more: str = "") -> None:
        code, text = error
        super().__init__(more or text)
        self.status = status
        self.document = {"code": code, "message": f"{text}: {more}" if more else text}


class PollingHandler:
    """The Lambda handler of the long-polling clients."""

    def __init__(
        self,
        channel: Callable[[], SocketIOInput],
        rooms: SessionRegistry,
        frames: MessageHandler,
        checks: DelayedChecks,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], str] = lambda: os.urandom(16).hex(),
    ) -> None:
        """Take the dependencies; frames go to `frames`, `random()` returns 128 bits in hexadecimal.

        `clock()` and `sleep(seconds)` use the same time, in seconds since 1970.
        """
        self._channel = channel
        self._rooms = rooms
        self._sessions = rooms.posting.polling
        self._frames = frames
        self._checks = checks
        self._clock = clock
        self._sleep = sleep
        self._random = random

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Respond to an API Gateway event of an HTTP request."""
        request_id = (event.get("requestContext") or {}).get("requestId") or self._random()
        return respond_to_event(
            "long polling", event, lambda request: self._respond(request, str(request_id))
        )

    def _respond(self, request: Request, request_id: str) -> Response:
        if request.path.partition(PATH)[2].strip("/"):
            return Response.error(404, "the only path is /socket.io/")
        channel = self._channel()
        origin: str = request.headers.get("origin", "")
        try:
            check_origin(channel, origin)
            response = self._answer(channel, request, request_id)
        except Refusal as refusal:
            logger.warning("long polling: refused: %s", refusal)
            error = EngineError(FORBIDDEN if refusal.status != 400 else BAD_REQUEST)
            response = Response.json(error.document, refusal.status)
            if refusal.status in REFUSED:
                self._rooms.metrics.write(CHANNEL, Refused=1)
            if refusal.status == 403:
                return response
        except EngineError as error:
            logger.info("long polling: refused with %d: %s", error.status, error)
            response = Response.json(error.document, error.status)
        response.headers.update(_cors(request, origin))
        return response

    def _answer(self, channel: SocketIOInput, request: Request, request_id: str) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204)
        query = {name: values[-1] for name, values in request.args.items()}
        version = _check(query)
        if "sid" not in query:
            if request.method != "GET":
                raise EngineError(BAD_HANDSHAKE_METHOD)
            return self._open(channel, version, query, request.headers.get("origin", ""))
        connection_id, secret = split_sid(query["sid"])
        add_fields(connection_id=connection_id)
        try:
            if request.method == "GET":
                return _payload(self._poll(connection_id, secret), version)
            if request.method == "POST":
                return self._hear(connection_id, secret, version, request, request_id)
        except (NotThere, RecipientGone):
            raise EngineError(UNKNOWN_SID) from None
        except Upgraded:
            raise EngineError(BAD_REQUEST, more="the session has moved to its WebSocket") from None
        raise EngineError(BAD_REQUEST, more="only GET and POST are allowed")

    def _open(
        self, channel: SocketIOInput, version: str, query: dict[str, str], origin: str
    ) -> Response:
        connection = admit(channel, new_id(self._random()), version, query)
        secret = self._random()
        self._sessions.open(connection.id, secret)
        self._rooms.connections.add(connection, origin)
        sid = sid_of(connection.id, secret)
        frames = [
            handshake(connection, keepalive=channel.keepalive, sid=sid, upgrades=("websocket",))
        ]
        if version == EIO3:
            frames.append(connect_frame("/"))
        if not connection.namespace:
            self._checks.later(connection.id, CONNECTED)
        add_fields(connection_id=connection.id)
        self._rooms.metrics.write(CHANNEL, Opened=1)
        logger.info("connection %s: opened with long polling", connection.id)
        return _payload(frames, version)

    def _poll(self, connection_id: str, secret: str) -> list[str]:
        """Return the frames for a client as soon as there are any, or NOOP after HOLD seconds."""
        poll = self._random()
        session = self._sessions.begin_poll(connection_id, secret, poll)
        if session.is_closed:
            self._end(connection_id)
            return [*session.frames, CLOSE]
        if session.is_probing and not session.frames:
            self._sleep(_SOON)  # the client keeps polling until its WebSocket is ready
            return [NOOP]
        return session.frames or self._wait(connection_id, poll, session.heard)

    def _wait(self, connection_id: str, poll: str, heard: float) -> list[str]:
        end = self._clock() + HOLD
        while (left := end - self._clock()) > 0:
            self._sleep(min(_SOON if heard + _NEAR > self._clock() else _LATER, left))
            try:
                session = self._sessions.find(connection_id)
            except NotThere:
                break
            if session.poll != poll:
                break  # the client has polled again: nobody reads this response
            frames = self._sessions.take(connection_id, poll) if session.frames else []
            if session.is_closed:
                self._end(connection_id)
                return [*frames, CLOSE]
            if frames or session.is_probing:
                return frames or [NOOP]
            heard = session.heard
        return [NOOP]

    def _hear(
        self, connection_id: str, secret: str, version: str, request: Request, request_id: str
    ) -> Response:
        """Handle the frames of a client, each as if it had arrived alone."""
        self._sessions.hear(connection_id, secret)
        try:
            if len(request.body) > MAX_POST:
                raise EngineError(BAD_REQUEST, 413, f"a payload may have at most {MAX_POST} bytes")
            frames = decode_payload(request.body, version)
        except (EngineError, PacketError) as error:
            self._end(connection_id)
            if isinstance(error, PacketError):
                raise EngineError(BAD_REQUEST, more=str(error)) from None
            raise
        for number, frame in enumerate(frames):
            if frame == CLOSE:
                self._end(connection_id)
                break
            self._frames.handle(connection_id, frame, f"{request_id}-{number}")
        return Response.text("ok")

    def _end(self, connection_id: str) -> None:
        self._sessions.remove(connection_id)
        self._rooms.forget(connection_id)
        self._rooms.metrics.write(CHANNEL, Closed=1)
        logger.info("connection %s: closed", connection_id)


def _check(query: dict[str, str]) -> str:
    """Return the protocol version of a request that may be served; raise EngineError for others."""
    transport = query.get("transport")
    if transport not in ("polling", "websocket"):
        raise EngineError(UNKNOWN_TRANSPORT)
    if transport == "websocket":
        raise EngineError(
            BAD_REQUEST, more="the WebSocket API has its own address, or is behind one"
        )
    if "j" in query:
        raise EngineError(BAD_REQUEST, more="JSONP is not supported, use XMLHttpRequest or fetch")
    version = query.get("EIO", EIO3)
    if version not in (EIO3, EIO4):
        raise EngineError(UNSUPPORTED_VERSION)
    return version


def _payload(frames: list[str], version: str) -> Response:
    return Response.text(encode_payload(frames, version))


def _cors(request: Request, origin: str) -> dict[str, str]:
    """Return headers that let the page's script read the response; its origin was checked before.

    They allow credentials, as clients of version 2 require; since there are no cookies, this does
    no harm.
    """
    headers = {"cache-control": "no-store"}
    if not origin:
        return headers
    headers |= {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "vary": "Origin",
    }
    if request.method == "OPTIONS":
        headers |= {
            "access-control-allow-methods": "GET, POST, OPTIONS",
            "access-control-allow-headers": request.headers.get(
                "access-control-request-headers", "content-type"
            ),
            "access-control-max-age": _PREFLIGHT_SECONDS,
        }
    return headers
