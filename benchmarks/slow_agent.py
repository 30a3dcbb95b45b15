"""A Rasa server that takes its time for some messages, and every platform beside it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

#: The message that is answered late, and the one that is answered at once.
SLOW, FAST = "slow", "fast"

_PLATFORM = {"ok": True, "ts": "1767225600.000100"}


@contextmanager
def slow_agent(seconds: float) -> Iterator[str]:
    """Serve on a free port for the length of the block; SLOW is answered after `seconds`."""

    def answer(request: Request) -> Response:
        if request.path.startswith("/webhooks/rest/"):
            message = json.loads(request.get_data())
            if message["message"] == SLOW:
                time.sleep(seconds)
            said = [{"recipient_id": message["sender"], "text": "done"}]
            return Response(json.dumps(said), content_type="application/json")
        if request.path.startswith("/webhooks/"):
            return Response(status=404)  # no remote channel
        return Response(json.dumps(_PLATFORM), content_type="application/json")

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return answer(Request(environ))(environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return
