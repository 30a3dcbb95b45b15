"""HTTP responses, and their form for API Gateway."""

from __future__ import annotations

import base64
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def error_document(status: int, message: str) -> dict[str, Any]:
    """Return an error in the form of Rasa's server: `{"description", "status", "message"}`."""
    return {"description": _PHRASES.get(status, "Error"), "status": status, "message": message}


class Response:
    """An HTTP response: status, headers with lower-case names, body as bytes.

    `cookies` are the values of its `Set-Cookie` headers, the only header that may be repeated.
    """

    cookies: tuple[str, ...] = ()

    def __init__(
        self, body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.body = body
        self.status = status
        self.headers = headers or {}

    @classmethod
    def json(cls, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """Make a response of a JSON document."""
        body = json.dumps(data).encode()
        return cls(body, status, {"content-type": "application/json", **(headers or {})})

    @classmethod
    def text(
        cls, text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8"
    ) -> Response:
        """Make a response of a text, or of another textual document with its content type."""
        return cls(text.encode("utf-8", "replace"), status, {"content-type": content_type})

    @classmethod
    def error(
        cls, status: int, message: str, headers: dict[str, str] | None = None, **details: Any
    ) -> Response:
        """Make an error response: an `error_document` with `details` added."""
        return cls.json({**error_document(status, message), **details}, status, headers)

    def to_event(self, *, is_rest_api: bool = False) -> dict[str, Any]:
        """Return the response in the form that an HTTP API or a REST API expects from a Lambda.

        Binary bodies are encoded as base64. Raises ValueError for a header with a line break, which
        could be used to inject further headers.
        """
        for name, value in [*self.headers.items(), *(("set-cookie", it) for it in self.cookies)]:
            if "\n" in value or "\r" in value or "\n" in name or "\r" in name:
                raise ValueError(f"the response header {name!r} contains a line break")
        try:
            body, is_base64 = self.body.decode(), False
        except UnicodeDecodeError:
            body, is_base64 = base64.b64encode(self.body).decode(), True
        event: dict[str, Any] = {
            "statusCode": self.status,
            "headers": self.headers,
            "body": body,
            "isBase64Encoded": is_base64,
        }
        if self.cookies and is_rest_api:
            event["multiValueHeaders"] = {"set-cookie": list(self.cookies)}
        elif self.cookies:
            event["cookies"] = list(self.cookies)
        return event
