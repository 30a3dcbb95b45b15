"""What functions call while they are measured: AWS, the Bot API, Lambda's Runtime API.

They listen on 127.0.0.1, in threads of the measuring process, whose processor time does not count.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Status, headers and body of an answer.
type Answer = tuple[int, dict[str, str], bytes]
#: Answers a method, a path, lower-case headers and a body.
type Respond = Callable[[str, str, dict[str, str], bytes], Answer]


@contextmanager
def server(respond: Respond, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve HTTP on a free port for the length of the block, over TLS with a context.

    Gives its address, `host:port`.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer

        def handle(self) -> None:
            # A process that has been measured ends as it is, with its connections open.
            with suppress(ConnectionResetError, ssl.SSLEOFError):
                super().handle()

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            names = {name.lower(): value for name, value in self.headers.items()}
            status, headers, content = respond(self.command, self.path, names, body)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: Any) -> None:
            return

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    if tls is not None:
        httpd.socket = tls.wrap_socket(
            httpd.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{httpd.server_address[1]}"
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


class Aws:
    """SQS and SSM: `calls` counts them by operation."""

    def __init__(self, parameters: dict[str, dict[str, Any]]) -> None:
        """Hold SSM parameters by name."""
        self.calls: dict[str, int] = {}
        self._parameters = parameters

    def respond(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """An answer as the service gives it."""
        operation = headers["x-amz-target"].partition(".")[2]
        self.calls[operation] = self.calls.get(operation, 0) + 1
        answer: dict[str, Any]
        if operation == "SendMessage":
            answer = {"MessageId": "00000000-0000-0000-0000-000000000000", "SequenceNumber": "1"}
        else:
            name = json.loads(body)["Name"]
            value = json.dumps(self._parameters[name])
            answer = {"Parameter": {"Name": name, "Type": "SecureString", "Value": value}}
        return 200, {"content-type": "application/x-amz-json-1.0"}, json.dumps(answer).encode()


def bot_api(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """Telegram's answer to `getMe`."""
    bot = {"id": 4242, "is_bot": True, "first_name": "Bot", "username": "made_up_bot"}
    answer = {"ok": True, "result": bot}
    return 200, {"content-type": "application/json"}, json.dumps(answer).encode()


class RuntimeApi:
    """Lambda's Runtime API: hands out one event and takes its answer.

    Source: AWS, "Using the Lambda runtime API for custom runtimes".
    """

    def __init__(self, event: bytes) -> None:
        """Hand out `event`, once."""
        self._event = event
        self._handed_out = False
        self._closed = threading.Event()
        self._answered = threading.Event()
        self.answer: dict[str, Any] = {}

    def respond(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to a call of the runtime."""
        if path.endswith("/invocation/next"):
            if self._handed_out:
                self._closed.wait()
            self._handed_out = True
            return 200, _INVOCATION, self._event
        self.answer = json.loads(body)
        self._answered.set()
        return 202, {}, b""

    def wait(self, seconds: float) -> bool:
        """Wait until the answer, or an error, is there; False when it does not come."""
        return self._answered.wait(seconds)

    def close(self) -> None:
        """Let go who waits for the next event."""
        self._closed.set()


_INVOCATION = {
    "content-type": "application/json",
    "lambda-runtime-aws-request-id": "00000000-0000-0000-0000-000000000000",
    "lambda-runtime-deadline-ms": "9999999999999",
    "lambda-runtime-invoked-function-arn": (
        "arn:aws:lambda:us-east-1:000000000000:function:benchmark"
    ),
}
