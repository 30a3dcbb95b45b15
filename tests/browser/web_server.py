"""HTTP servers for a browser: the chat page's Lambda behind an API, and a site that embeds it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

#: What may stand before /webchat: the path of an API on MiniStack, a stage on AWS.
PREFIX, OTHER = "/_aws/execute-api/abc123", "/_aws/execute-api/def456"

#: A request's target -> status, headers, body.
Answer = Callable[[str], tuple[int, dict[str, str], bytes]]

SITE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"></head>
<body><main><h1>A site of its own</h1><p>It embeds the chat by one line.</p></main>
<script src="{embed}" data-greet="/greet" data-title="Help"{more} async></script></body></html>"""


@contextmanager
def web_server(answer: Answer) -> Iterator[str]:
    """Serve GET on a free port; gives the address without a slash at its end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def lambda_answers(handler: Callable[[Any, Any], dict[str, Any]]) -> Answer:
    """What an HTTP API in front of a Lambda answers."""

    def answer(target: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(target)
        event = {
            "version": "2.0",
            "rawPath": parts.path,
            "rawQueryString": parts.query,
            "headers": {},
            "requestContext": {"http": {"method": "GET", "path": parts.path}},
        }
        given = handler(event, None)
        sent = given["body"]
        body = base64.b64decode(sent) if given["isBase64Encoded"] else sent.encode()
        return given["statusCode"], given["headers"], body

    return answer


def site_answers(embed_url: str) -> Answer:
    """A page that embeds the chat, as strict as it can be; at /open the chat opens at once."""
    chat = "{0.scheme}://{0.netloc}".format(urlsplit(embed_url))
    policy = f"default-src 'none'; img-src data:; script-src {chat}; frame-src {chat}"
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": f"{policy}; require-trusted-types-for 'script'",
    }

    def answer(target: str) -> tuple[int, dict[str, str], bytes]:
        more = " data-open data-side=left" if target == "/open" else ""
        return 200, headers, SITE.format(embed=embed_url, more=more).encode()

    return answer
