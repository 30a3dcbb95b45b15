"""A Socket.IO server with the demo agent: Rasa's events, and this project's beside them.

It stands in for the stack's socket channel, and is as trying as that may be: every session that is
asked for again gets its last messages once more.
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
        self.sio.on("connect", self._connect)
        self.sio.on("session_request", self._session_request)
        self.sio.on("user_uttered", self._user_uttered)

    def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        self.options[sid] = auth or {}
        if self.options[sid].get("token") == REFUSED_TOKEN:
            raise socketio.exceptions.ConnectionRefusedError("Authentication error")

    def _session_request(self, sid: str, data: dict[str, Any]) -> None:
        session_id = data["session_id"]
        session = self.sessions.setdefault(session_id, Session())
        self.sio.enter_room(sid, session_id)
        self.sio.emit("session_confirm", session_id, to=sid)
        for offset, payload in session.messages[-SENT_AGAIN:]:
            self.sio.emit("bot_uttered", (payload, offset), to=sid)

    def _user_uttered(self, sid: str, data: dict[str, Any]) -> None:
        session = self.sessions[data["session_id"]]
        with session.lock:
            if data["message_id"] in session.heard:
                return
            session.heard.add(data["message_id"])
        output = SessionOutput(self.sio, data["session_id"], session, data["message_id"])
        threading.Thread(target=_answer, args=(data, output)).start()


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
        offset = f"{len(self.session.messages) + 1:020}"
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


@contextmanager
def socket_server() -> Iterator[str]:
    """Serve on a free port; gives the WebSocket address."""
    app = socketio.WSGIApp(SocketServer().sio)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.server_port}/socket.io"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
