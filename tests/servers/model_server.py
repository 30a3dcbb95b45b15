"""A stand-in for chat model services: OpenAI-compatible ones and Amazon Bedrock.

    with ModelServer([completion("Once ", "upon"), Reply(429)]) as server:
        ...  # server.url, server.requests

The responses are sent in turn; the last one is repeated.
"""

from __future__ import annotations

import binascii
import json
import os
import socket
import struct
import threading
from collections.abc import Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.servers.rasa_script import Cut, Hang, Raw, ReceivedRequest, Reply, Reset, Step

EVENTS = {"Content-Type": "text/event-stream; charset=utf-8"}


def event(document: Any) -> Raw:
    """Return a server-sent event."""
    return Raw(b"data: " + json.dumps(document).encode() + b"\n\n")


def delta(text: str | None, finish: str | None = None) -> Raw:
    """Return an event with a piece of a chat completion."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return event({"object": "chat.completion.chunk", "choices": [choice]})


DONE = Raw(b"data: [DONE]\n\n")


def stream(*steps: Step) -> Reply:
    """Return a response that consists of these steps."""
    return Reply(body=steps, headers=EVENTS)


def completion(*pieces: str) -> Reply:
    """Return a whole streamed response, as OpenAI sends it."""
    usage = event({"choices": [], "usage": {"total_tokens": 9}})
    return stream(*map(delta, pieces), delta(None, "stop"), usage, DONE)


def bedrock_event(kind: str, document: Any, *, message_type: str = "event") -> Raw:
    """Return an event of Bedrock's stream (application/vnd.amazon.eventstream)."""
    named = ":exception-type" if message_type == "exception" else ":event-type"
    values = {":message-type": message_type, named: kind, ":content-type": "application/json"}
    headers = b"".join(
        struct.pack("!B", len(name))
        + name.encode()
        + struct.pack("!BH", 7, len(value))
        + value.encode()
        for name, value in values.items()
    )
    payload = json.dumps(document).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    prelude += struct.pack("!I", binascii.crc32(prelude))
    whole = prelude + headers + payload
    return Raw(whole + struct.pack("!I", binascii.crc32(whole)))


def bedrock_piece(text: str) -> Raw:
    """Return a piece of Bedrock's text."""
    return bedrock_event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})


BEDROCK_STOP = bedrock_event("messageStop", {"stopReason": "end_turn"})


def bedrock_stream(*steps: Step) -> Reply:
    """Return a response of ConverseStream."""
    return Reply(body=steps, headers={"Content-Type": "application/vnd.amazon.eventstream"})


class ModelServer:
    """Responds to every POST from a thread, and records the requests."""

    def __init__(self, answers: Sequence[Reply | Cut | Reset | Hang]) -> None:
        self.requests: list[ReceivedRequest] = []
        self.closing = threading.Event()
        self._answers = answers
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.models = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self) -> Reply | Cut | Reset | Hang:
        """Return the response to the latest request."""
        return self._answers[min(len(self.requests), len(self._answers)) - 1]


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a client may keep its connection open
    models: ModelServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore connections that a client closes early."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        models = self.server.models
        models.requests.append(ReceivedRequest("POST", self.path, {}, headers, body, 0))
        answer = models.answer()
        if not isinstance(answer, Reply):
            self._step(answer)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if isinstance(answer.body, bytes):
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
        else:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._stream(answer.body)

    def _stream(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self._step(step)
        self.wfile.write(b"0\r\n\r\n")

    def _step(self, step: Step) -> None:
        if isinstance(step, Raw):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(step.data), step.data))
            return
        if isinstance(step, Hang):
            self.server.models.closing.wait()
        elif isinstance(step, Reset):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            os.close(self.connection.detach())
        raise ConnectionAbortedError
