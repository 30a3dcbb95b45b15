"""HTTP answers, and their form for API Gateway."""

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
    """An error in the form of Rasa's server: `{"description", "status", "message"}`."""
    return {"description": _PHRASES.get(status, "Error"), "status": status, "message": message}


class Response:
    """An HTTP answer: status, headers with lower-case names, body in bytes.

    `cookies` are the values of its `Set-Cookie` headers, the one header that may come repeatedly.
    """

    cookies: tuple[str, ...] = ()

    def __init__(
        self, body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Take the parts as they are."""
        self.body = body
        self.status = status
        self.headers = headers or {}

    @classmethod
    def json(cls, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """A JSON document."""
        body = json.dumps(data).encode()
        return cls(body, status, {"content-type": "application/json", **(headers or {})})

    @classmethod
    def text(
        cls, text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8"
    ) -> Response:
        """A text, or any other textual document by its content type."""
        return cls(text.encode("utf-8", "replace"), status, {"content-type": content_type})

    @classmethod
    def error(
        cls, status: int, message: str, headers: dict[str, str] | None = None, **details: Any
    ) -> Response:
        """A refusal: an `error_document` with `details` beside it."""
        return cls.json({**error_document(status, message), **details}, status, headers)

    def to_event(self, *, is_rest_api: bool = False) -> dict[str, Any]:
        """The answer as an HTTP API takes it from a Lambda, or a REST API; binary bodies as base64.

        Raises ValueError for a header with a line break, by which one could smuggle in others.
        """
        for name, value in [*self.headers.items(), *(("set-cookie", it) for it in self.cookies)]:
            if "\n" in value or "\r" in value or "\n" in name or "\r" in name:
                raise ValueError(f"the header {name!r} of the answer has a line break")
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
