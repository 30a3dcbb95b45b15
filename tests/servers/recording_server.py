"""A local HTTP server that records requests and responds as told: stands in for a service."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Recorded(NamedTuple):
    """One request as it arrived; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


#: The response: status, body, headers; None closes the connection without a response.
Answer = tuple[int, bytes, dict[str, str]] | None


class RecordingServer:
    """`requests` are those received, `respond` makes each response, `connections` counts peers."""

    def __init__(self, respond: Callable[[Recorded], Answer]) -> None:
        self.requests: list[Recorded] = []
        self.connections = 0
        self.respond = respond
        self.url = ""


@contextmanager
def recording_server(
    respond: Callable[[Recorded], Answer], port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[RecordingServer]:
    """Serve on a port of 127.0.0.1, by default a free one, until the end of the block.

    Serves over TLS if given a context.
    """
    recorder = RecordingServer(respond)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            recorder.connections += 1

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Recorded(self.command, self.path, headers, self.rfile.read(length))
            recorder.requests.append(request)
            reply = recorder.respond(request)
            if reply is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, body, extra = reply
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if tls is not None:
        # In the connection's own thread: a client that refuses us must not affect the others.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    recorder.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}"
    with _serving(server):
        yield recorder


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serve for the length of the block.

    `serve_forever` looks fifty times a second whether it is to end, which costs the tests that have
    dozens of servers; this one is woken by a last connection, which it does not take.
    """
    ending = threading.Event()

    def serve() -> None:
        while not ending.is_set():
            server.handle_request()

    server.verify_request = lambda request, client_address: not ending.is_set()  # type: ignore[method-assign]
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        with socket.create_connection(server.server_address[:2]):
            thread.join()
        server.server_close()
