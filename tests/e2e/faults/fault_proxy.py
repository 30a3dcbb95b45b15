"""An HTTP proxy between a function and a service, where calls are counted and faults strike.

Every way out of a function leads through one: to SQS and DynamoDB (the AWS SDKs' variables
AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_DYNAMODB), to the assistant (RasaUrl), to the platform
(the callback channel's url). The product knows nothing of them.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

import psutil

from tests.e2e.faults.faults import Cut, Fault, Kill, Moment, Refuse
from tests.e2e.faults.steps import Call

#: Headers of one connection, not of the message (RFC 9110), and those written anew.
_OF_THE_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "content-length")

type FindProcess = Callable[[int, int], psutil.Process]
type ReadCall = Callable[[str, Mapping[str, str], bytes], Call]


class Route(NamedTuple):
    """From which function to where: `read` tells what a request is, `upstream` is a URL."""

    function: str
    upstream: str
    read: ReadCall


class Reply(NamedTuple):
    """A whole response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class FaultProxy:
    """Forwards one route; `arrive` notes a call and gives the fault that strikes it, if any.

    `find(caller_port, our_port)` gives the process that called.
    """

    def __init__(
        self, route: Route, arrive: Callable[[Call], Fault | None], find: FindProcess
    ) -> None:
        self.route = route
        self.arrive = arrive
        self.find = find
        self._server = _Server(0, self)
        self.port: int = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = self._start()

    def close(self) -> None:
        """Stop listening and end every connection: whoever calls now is refused."""
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections for the length of the block, as a server that is down does."""
        self.close()
        try:
            yield
        finally:
            self._server = _Server(self.port, self)
            self._thread = self._start()

    def _start(self) -> threading.Thread:
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()
        return thread


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(self, port: int, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self.open: dict[socket.socket, None] = {}
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.open[connection] = None
        return connection, address

    def close_request(self, request: Any) -> None:
        self.open.pop(request, None)
        super().close_request(request)

    def close_connections(self) -> None:
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        return

    def do_POST(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = proxy.arrive(proxy.route.read(proxy.route.function, headers, body))
        if isinstance(fault, Refuse):
            self._write(_refusal(fault))
            return
        # Found beforehand: after an answer its caller would end by itself in the meantime.
        caller = self._caller() if isinstance(fault, Kill) else None
        self._strike(fault, Moment.BEFORE, caller)
        reply = self._forward(body)
        self._strike(fault, Moment.AFTER, caller)
        self._write(reply)
        self._strike(fault, Moment.ANSWERED, caller)

    def _caller(self) -> psutil.Process:
        return self.server.proxy.find(self.client_address[1], self.server.server_port)

    def _strike(self, fault: Fault | None, now: Moment, caller: psutil.Process | None) -> None:
        if not isinstance(fault, Kill | Cut) or fault.moment != now:
            return
        if caller is not None:
            caller.kill()
        self._reset()

    def _reset(self) -> NoReturn:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.server.open.pop(self.connection, None)
        os.close(self.connection.detach())
        raise ConnectionAbortedError

    def _forward(self, body: bytes) -> Reply:
        """What the service answers; a service that breaks off breaks this connection too."""
        base = urlsplit(self.server.proxy.route.upstream)
        kept = {k: v for k, v in self.headers.items() if k.lower() not in _OF_THE_CONNECTION}
        upstream = http.client.HTTPConnection(str(base.hostname), base.port)
        try:
            upstream.connect()
            self.server.open[upstream.sock] = None
            upstream.request("POST", base.path + self.path, body, kept)
            response = upstream.getresponse()
            return Reply(response.status, response.getheaders(), response.read())
        except (OSError, http.client.HTTPException):
            self._reset()
        finally:
            self.server.open.pop(upstream.sock, None)
            upstream.close()

    def _write(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            if name.lower() not in _OF_THE_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()


def _refusal(refuse: Refuse) -> Reply:
    body = json.dumps({"__type": f"com.amazonaws#{refuse.code}", "message": "refused by the test"})
    headers = [("Content-Type", "application/x-amz-json-1.0")]
    return Reply(refuse.status, headers, body.encode())
