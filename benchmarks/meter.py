"""A meter between functions and AWS: passes calls on to MiniStack and counts what they cost.

    with metered("http://127.0.0.1:4566") as meter:
        ...                     # functions call meter.url
        meter.taken()
    python -m benchmarks.meter http://127.0.0.1:4566    # what it runs

A process of its own, so that its processor time is not that of the functions.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import requests
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from ops import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

#: Services by what stands before the operation in `X-Amz-Target`.
_SERVICES = {"AmazonSSM": "SSM", "AmazonSQS": "SQS", "DynamoDB_20120810": "DynamoDB"}

#: DynamoDB's operations that consume read units; all others consume write units.
_READS = {"GetItem", "Query"}

#: What a platform answers to a message.
_PLATFORM = {"ok": True, "ts": "1767225600.000100"}

#: Bytes of a message or frame that count as one request: SQS, API Gateway's sockets.
_SQS_CHUNK, _FRAME_CHUNK = 65_536, 32_768

_CALLS = "/_calls"


class Call(NamedTuple):
    """One call: `units` are DynamoDB's capacity units, else the requests it is charged as."""

    service: str
    operation: str
    units: float

    @property
    def is_read(self) -> bool:
        """Whether it consumes DynamoDB's read units."""
        return self.service == "DynamoDB" and self.operation in _READS

    @property
    def is_write(self) -> bool:
        """Whether it consumes DynamoDB's write units."""
        return self.service == "DynamoDB" and self.operation not in _READS


class Meter:
    """The functions' side: where to call, and what was called."""

    def __init__(self, url: str) -> None:
        """Ask the meter that runs at `url`."""
        self.url = url

    def taken(self) -> list[Call]:
        """The calls since this was last asked, in order."""
        return [Call(*each) for each in requests.get(self.url + _CALLS, timeout=10).json()]


@contextmanager
def metered(upstream: str) -> Iterator[Meter]:
    """A meter in front of `upstream`, on a free port for the length of the block."""
    command = [sys.executable, "-m", "benchmarks.meter", upstream]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None  # noqa: S101 - piped
            yield Meter(process.stdout.readline().strip())
        finally:
            process.terminate()


class _Application:
    """The WSGI application of a meter."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        target = request.headers.get("x-amz-target", "")
        if target:
            return self._passed_on(request, *target.split("."))
        if request.path == _CALLS:
            with self._lock:
                calls, self._calls = self._calls, []
            return Response(json.dumps(calls), content_type="application/json")
        if "/@connections/" in request.path:
            self._note("WebSocket", request.method, _chunks(request, _FRAME_CHUNK))
            return Response(status=200)
        if request.path.startswith("/2015-03-31/functions/"):
            self._note("Lambda", "Invoke", 1)
            return Response(status=202)
        self._note("platform", request.method, 1)
        return Response(json.dumps(_PLATFORM), content_type="application/json")

    def _passed_on(self, request: Request, prefix: str, operation: str) -> Response:
        service = _SERVICES[prefix]
        body = json.loads(request.get_data())
        if service == "DynamoDB":
            body["ReturnConsumedCapacity"] = "TOTAL"
        names = ("x-amz-target", "content-type", "authorization", "x-amz-date")
        kept = {name: request.headers[name] for name in names if name in request.headers}
        answer = requests.post(self._upstream, json.dumps(body), headers=kept, timeout=30)
        self._note(service, operation, _units(service, request, answer))
        return Response(
            answer.content, answer.status_code, content_type=answer.headers["content-type"]
        )

    def _note(self, service: str, operation: str, units: float) -> None:
        with self._lock:
            self._calls.append(Call(service, operation, units))


def _units(service: str, request: Request, answer: requests.Response) -> float:
    if service == "SQS":
        return _chunks(request, _SQS_CHUNK)
    if service != "DynamoDB" or answer.status_code != 200:
        return 1.0  # DynamoDB takes one for a condition that does not hold
    consumed = answer.json()["ConsumedCapacity"]
    tables = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(table["CapacityUnits"] for table in tables))


def _chunks(request: Request, size: int) -> float:
    return float(max(1, -(-len(request.get_data()) // size)))


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def main() -> None:
    """Say where it is, and serve until it is ended."""
    application = _Application(sys.argv[1])
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
