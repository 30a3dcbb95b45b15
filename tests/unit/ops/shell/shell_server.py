"""A REST channel's stand-in whose every answer a test writes down byte by byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Answer:
    """Status, headers and the chunks of the body; `broken` leaves the last chunk incomplete."""

    chunks: Iterable[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    broken: bool = False


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """A running stand-in: its address, and the requests it got."""

    url: str
    received: list[Received]


def lines(*items: object) -> list[bytes]:
    """Newline-delimited JSON, one chunk a line."""
    return [json.dumps(item).encode() + b"\n" for item in items]


@contextmanager
def serving(answer: Callable[[str], Answer]) -> Iterator[Server]:
    """Serve on a free port; `answer` makes the answer to a message's text."""
    received: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {key.lower(): value for key, value in self.headers.items()}
            received.append(Received(self.path, headers, body))
            self._reply(answer(body["message"]))

        def _reply(self, reply: Answer) -> None:
            self.send_response(reply.status)
            for key, value in {"transfer-encoding": "chunked", **reply.headers}.items():
                self.send_header(key, value)
            self.end_headers()
            for chunk in reply.chunks:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.write(b"ff\r\ncut" if reply.broken else b"0\r\n\r\n")
            self.close_connection = reply.broken

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # A handler may wait for a next request on a kept-alive connection: never wait for it.
    server.daemon_threads, server.block_on_close = True, False
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}", received)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
