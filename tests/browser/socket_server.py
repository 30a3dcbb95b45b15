"""A Socket.IO server with the demo agent: Rasa's events, and this project's beside them.

It stands in for the stack's socket channel, and is as trying as that may be: every session that is
asked for again gets its last messages once more. GET /forget/<session> does what `ops forget` does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import socketio
from werkzeug.serving import WSGIRequestHandler, make_server

from channels.agents.demo import DemoAgent
from channels.channel import UserMessage
from channels.output import OutputChannel

SENT_AGAIN = 3
REFUSED_TOKEN = "refused"
FORGET = "/forget/"


def offset_of(number: int) -> str:
    """A message's number as clients get it."""
    return f"{number:020}"


class Session:
    """A session's messages by number, and the ids of what its user said."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Any]] = []
        self.heard: set[str] = set()
        self.lock = threading.Lock()


class SocketServer:
    """The server's handlers and what it remembers."""

    def __init__(self) -> None:
        # one message of a client after the other
        self.sio = socketio.Server(
            async_mode="threading", async_handlers=False, cors_allowed_origins="*"
        )
        self.sessions: dict[str, Session] = {}
        self.options: dict[str, dict[str, Any]] = {}
        self.joined: dict[str, str] = {}
        self.forgotten: set[str] = set()
        self.sio.on("connect", self._connect)
        self.sio.on("session_request", self._session_request)
        self.sio.on("user_uttered", self._user_uttered)

    def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        self.options[sid] = auth or {}
        if self.options[sid].get("token") == REFUSED_TOKEN:
            raise socketio.exceptions.ConnectionRefusedError("Authentication error")

    def forget(self, session_id: str) -> None:
        """Know nothing of a session, nor of the connections in it."""
        self.sessions.pop(session_id, None)
        for sid in [sid for sid, joined in self.joined.items() if joined == session_id]:
            self.forgotten.add(sid)
            self.sio.leave_room(sid, self.joined.pop(sid))

    def _session_request(self, sid: str, data: dict[str, Any]) -> None:
        if self._is_unknown(sid):
            return
        session_id = data["session_id"]
        session = self.sessions.setdefault(session_id, Session())
        if sid in self.joined:
            self.sio.leave_room(sid, self.joined[sid])
        self.joined[sid] = session_id
        self.sio.enter_room(sid, session_id)
        received = min(data.get("offset") or offset_of(0), offset_of(len(session.messages)))
        confirmation = (session_id, received) if self.options[sid].get("recovery") else session_id
        self.sio.emit("session_confirm", confirmation, to=sid)
        for offset, payload in session.messages[-SENT_AGAIN:]:
            self.sio.emit("bot_uttered", (payload, offset), to=sid)

    def _user_uttered(self, sid: str, data: dict[str, Any]) -> None:
        if self._is_unknown(sid):
            return
        session = self.sessions[data["session_id"]]
        with session.lock:
            if data["message_id"] in session.heard:
                return
            session.heard.add(data["message_id"])
        output = SessionOutput(self.sio, data["session_id"], session, data["message_id"])
        threading.Thread(target=_answer, args=(data, output)).start()

    def _is_unknown(self, sid: str) -> bool:
        """Whether a connection was forgotten; its transport is closed then, without a word."""
        if sid not in self.forgotten:
            return False
        self.sio.eio.disconnect(self.sio.manager.eio_sid_from_sid(sid, "/"))
        return True


def _answer(data: dict[str, Any], output: SessionOutput) -> None:
    message = UserMessage(data["message"], output, data["session_id"], input_channel="socketio")
    with output.session.lock:
        output.show("bot_typing", {})
        asyncio.run(DemoAgent().handle_message(message))


class SessionOutput(OutputChannel):
    """Rasa's payloads, to everybody in a session's room."""

    def __init__(self, sio: Any, room: str, session: Session, message_id: str) -> None:
        super().__init__()
        self.sio = sio
        self.room = room
        self.session = session
        self.message_id = message_id
        self.seq = 0

    def show(self, event: str, payload: Any) -> None:
        self.sio.emit(event, payload, to=self.room)

    def say(self, payload: Any) -> None:
        offset = offset_of(len(self.session.messages) + 1)
        self.session.messages.append((offset, payload))
        self.show("bot_uttered", (payload, offset))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        for part in text.strip().split("\n\n"):
            self.say({"text": part})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        replies = [{"content_type": "text", **button} for button in buttons]
        self.say({"text": text or "", "quick_replies": replies})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        self.say({"attachment": {"type": "image", "payload": {"src": image}}})

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        self.say({"attachment": attachment})

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        payload = {"template_type": "generic", "elements": elements}
        self.say({"attachment": {"type": "template", "payload": payload}})

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        self.say(json_message)

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        self._stream(delta=chunk)
        self.seq += 1

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        self._stream(done=True)

    def _stream(self, **piece: Any) -> None:
        self.show("bot_stream", {"id": self.message_id, "seq": self.seq, **piece})


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: what goes wrong here is seen in the browser."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """End a WebSocket: frames still to come are no request to answer in HTTP."""
        self.close_connection = True


@contextmanager
def socket_server() -> Iterator[str]:
    """Serve on a free port; gives the WebSocket address."""
    stand_in = SocketServer()

    def other(environ: Any, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        known = path.startswith(FORGET)
        if known:
            stand_in.forget(path.removeprefix(FORGET))
        start_response("204 No Content" if known else "404 Not Found", [])
        return []

    app = socketio.WSGIApp(stand_in.sio, other)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.server_port}/socket.io"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def aliased(url: str) -> str:
    """Another address of the same server."""
    return url.replace("127.0.0.1", "localhost")
