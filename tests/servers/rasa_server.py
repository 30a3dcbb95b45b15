"""A stand-in for a Rasa server: its REST channel, which replies according to a script.

    with RasaServer({"hi": [{"text": "Hey!"}]}) as server:
        ...  # server.url, server.requests, server.connections; for more steps: rasa_script.py

    python -m tests.servers.rasa_server --port 5005    # then: make up PARAMETERS=RasaUrl=http://127.0.0.1:5005

With `remote=READY` it also has the remote channel of integrations/rasa_server, whose responses are
scripted line by line; the end line is added.

It behaves like Rasa 3.6 under Sanic, including its defects: input is not checked, the response is
200 with what was collected if the bot raises, and a stream never ends if the bot raises there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.servers.rasa_script import (
    Answer,
    Cut,
    Fail,
    Hang,
    Item,
    Raw,
    ReceivedRequest,
    Reply,
    Reset,
    Script,
    Step,
    Wait,
)

if TYPE_CHECKING:
    import ssl

__all__ = [
    "READY",
    "Answer",
    "Cut",
    "Fail",
    "Hang",
    "RasaServer",
    "Raw",
    "ReceivedRequest",
    "Reply",
    "Reset",
    "Script",
    "Step",
    "Wait",
    "mood_bot",
]

logger = logging.getLogger(__name__)

#: The remote channel's health response to a caller whose token it knows.
READY = {"status": "ok", "protocol": 1, "authorized": True}


class RasaServer:
    """Serves a script from a thread: text -> reply, or a callable that responds to each request.

    Texts that the script does not contain get no messages. With `keep_alive=False` it is an
    HTTP/1.0 server that ends a response by closing the connection; `prefix` is a path before
    Rasa's.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        prefix: str = "",
        keep_alive: bool = True,
        ssl_context: ssl.SSLContext | None = None,
        remote: Answer | Item | None = None,
    ) -> None:
        self.requests: list[ReceivedRequest] = []
        #: The response to `GET /webhooks/remote`; None for a server without the channel.
        self.remote = remote
        #: Headers of the requests for it.
        self.probes: list[dict[str, str]] = []
        self.connections = 0
        self._script = {} if script is None else script
        self._server = _Server((host, port), self, prefix, keep_alive)
        scheme = "http"
        if ssl_context is not None:
            scheme = "https"
            self._server.socket = ssl_context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{scheme}://{host}:{self._server.server_port}{prefix}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop: end what hangs, close open connections, and wait for every thread."""
        self._server.closing.set()
        self._server.shutdown()
        self.close_connections()
        self._server.server_close()
        self._thread.join()

    def close_connections(self) -> None:
        """Close every open connection, as a server does with connections idle for too long."""
        for connection in list(self._server.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def answer(self, request: ReceivedRequest) -> Answer:
        """Return what the script says to a request."""
        if callable(self._script):
            return self._script(request)
        return self._script.get(request.text, [])


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], rasa: RasaServer, prefix: str, keep_alive: bool
    ) -> None:
        self.rasa = rasa
        self.prefix = prefix
        self.keep_alive = keep_alive
        self.closing = threading.Event()
        self.open: dict[socket.socket, int] = {}
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.rasa.connections += 1
        self.open[connection] = self.rasa.connections
        return connection, address

    def close_request(self, request: Any) -> None:
        self.open.pop(request, None)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm = True  # each line leaves at once, as from Sanic

    def setup(self) -> None:
        super().setup()
        self.protocol_version = "HTTP/1.1" if self.server.keep_alive else "HTTP/1.0"
        self.number = self.server.open[self.connection]
        self.body = b""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        # Not the request line: its query may contain a token.
        logger.info("%s %s: %s", self.command, urlsplit(self.path).path, int(code))

    def log_message(self, format: str, *args: Any) -> None:
        logger.info(format, *args)

    def do_GET(self) -> None:
        routes = {"/": self._hello, "/webhooks/rest": self._health}
        if self.server.rasa.remote is not None:
            routes["/webhooks/remote"] = self._remote_health
        self._route(routes, {"/webhooks/rest/webhook"})

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        routes = {"/webhooks/rest/webhook": self._receive}
        if self.server.rasa.remote is not None:
            routes["/webhooks/remote/webhook"] = self._receive
        self._route(routes, {"/", "/webhooks/rest"})

    def _route(self, routes: dict[str, Callable[[], None]], others: set[str]) -> None:
        path = urlsplit(self.path).path
        below = path.removeprefix(self.server.prefix).rstrip("/") or "/"
        if path.startswith(self.server.prefix) and below in routes:
            routes[below]()
        elif below in others:
            self._error(405, "Method Not Allowed", "Method not allowed for this URL")
        else:
            self._error(404, "Not Found", "Requested URL not found")

    def _hello(self) -> None:
        self._send(200, b"Hello from Rasa: 3.6.21", "text/plain; charset=utf-8")

    def _health(self) -> None:
        self._send(200, b'{"status":"ok"}', "application/json")

    def _remote_health(self) -> None:
        self.server.rasa.probes.append({k.lower(): v for k, v in self.headers.items()})
        answer = self.server.rasa.remote
        if isinstance(answer, Reply):
            self._reply(answer)
        elif isinstance(answer, Raw | Cut | Reset | Hang):
            self._interrupt(answer)
        else:
            self._send(200, json.dumps(answer).encode(), "application/json")

    def _receive(self) -> None:
        url = urlsplit(self.path)
        request = ReceivedRequest(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            {name.lower(): value for name, value in self.headers.items()},
            self.body,
            self.number,
        )
        self.server.rasa.requests.append(request)
        if self.body and request.json is None and self.body.strip() != b"null":
            self._error(400, "Bad Request", "Failed when parsing body as json")
        elif not isinstance(request.json, dict):
            self._error(500, "Internal Server Error", "The server encountered an internal error")
        else:
            self._answer(request)

    def _answer(self, request: ReceivedRequest) -> None:
        message = request.json.get("message")
        wrong = message is not None and not isinstance(message, str)
        answer = [Fail()] if wrong else self.server.rasa.answer(request)
        if isinstance(answer, Reply):
            self._reply(answer)
        elif isinstance(answer, Raw | Cut | Reset | Hang):
            self._interrupt(answer)
        elif request.path.endswith("/webhooks/remote/webhook"):
            self._stream(chain(answer, [{"type": "end"}]), None, 200, _NDJSON)
        elif request.args.get("stream", "false").lower() == "true":
            self._stream(answer, _sender(request), 200, {"Content-Type": "text/event-stream"})
        else:
            self._collect(answer, _sender(request))

    def _reply(self, reply: Reply) -> None:
        if isinstance(reply.body, bytes):
            self._send(reply.status, reply.body, "application/json", reply.headers)
        else:
            self._stream(reply.body, "default", reply.status, reply.headers)

    def _collect(self, steps: Iterable[Step], sender: str) -> None:
        """Respond like Rasa without `stream`: everything the bot said until it ended or raised."""
        collected: list[Item] = []
        for step in steps:
            if isinstance(step, dict):
                collected.append({"recipient_id": sender, **step})
            elif isinstance(step, Wait):
                self._wait(step.seconds)
            elif isinstance(step, Fail):
                break
            else:
                self._interrupt(step)
        array = json.dumps(collected, separators=(",", ":")).replace("/", "\\/")
        self._send(200, array.encode(), "application/json")

    def _stream(
        self, steps: Iterable[Step], sender: str | None, status: int, headers: Mapping[str, str]
    ) -> None:
        """Respond like Rasa with `stream=true`: a chunk with one JSON line per message."""
        self._head(status, headers)
        recipient = {} if sender is None else {"recipient_id": sender}
        for step in steps:
            if isinstance(step, dict):
                self._chunk(json.dumps({**recipient, **step}).encode() + b"\n")
            elif isinstance(step, Raw):
                self._chunk(step.data)
            elif isinstance(step, Wait):
                self._wait(step.seconds)
            else:
                self._interrupt(Hang() if isinstance(step, Fail) else step)
        if self.server.keep_alive:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.server.keep_alive:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _wait(self, seconds: float | None) -> None:
        if self.server.closing.wait(seconds):
            raise ConnectionAbortedError

    def _chunk(self, data: bytes) -> None:
        self._wait(0)  # lets a bot that never stops talking end with its server
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data) if self.server.keep_alive else data)

    def _interrupt(self, step: Raw | Cut | Reset | Hang) -> None:
        if isinstance(step, Raw):
            self.wfile.write(step.data)
        elif isinstance(step, Hang):
            self._wait(None)
        elif isinstance(step, Reset):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            os.close(self.connection.detach())
        raise ConnectionAbortedError

    def _send(
        self, status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _error(self, status: int, description: str, message: str) -> None:
        """Respond with Sanic's error: JSON for a JSON request, otherwise a page."""
        if self.headers.get("Content-Type", "").startswith("application/json"):
            document = {"description": description, "status": status, "message": message}
            self._send(status, json.dumps(document).encode(), "application/json")
        else:
            page = f"<!DOCTYPE html><title>{status} - {description}</title><p>{message}"
            self._send(status, page.encode(), "text/html; charset=utf-8")


_NDJSON = {"Content-Type": "application/x-ndjson"}


def _sender(request: ReceivedRequest) -> str:
    sender = request.json.get("sender")
    return "default" if sender is None else str(sender)


def mood_bot(request: ReceivedRequest) -> list[Step]:
    """A mood bot for people who try RasaUrl by hand; every message says that it is a stand-in's."""
    answers: dict[str, list[Step]] = {
        "/mood_great": [{"text": "Good to hear. Stay that way!"}],
        "/mood_unhappy": [
            {"text": "Then look at this:"},
            {"image": "https://i.imgur.com/nGF1K8f.jpg"},
            Wait(1),
            {"text": "Better?", "buttons": _buttons(yes="/mood_great", no="/mood_unhappy")},
        ],
        "fail": [{"text": "The next thing I do is raise an exception."}, Fail()],
    }
    greeting: list[Step] = [
        {"text": "Hello from the stand-in Rasa server. (Say fail to see a turn that raises.)"},
        {
            "text": "How are you?",
            "buttons": _buttons(great="/mood_great", sad="/mood_unhappy"),
        },
    ]
    return answers.get(request.text, greeting)


def _buttons(**payloads: str) -> list[dict[str, str]]:
    return [{"title": title, "payload": payload} for title, payload in payloads.items()]


def main() -> None:
    """Serve the mood bot until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A stand-in Rasa server with a small mood bot.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with RasaServer(mood_bot, host=options.host, port=options.port) as server:
        logger.info("Rasa's REST channel is served at %s/webhooks/rest/webhook", server.url)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
