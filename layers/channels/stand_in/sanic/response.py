"""Sanic's responses, built on ours."""

from __future__ import annotations

import json as json_module
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote_plus

from channels.http.response import Response
from sanic.missing import missing_from, unsupported

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "HTTPResponse",
    "JSONResponse",
    "ResponseStream",
    "empty",
    "file",
    "html",
    "json",
    "raw",
    "redirect",
    "stream",
    "text",
]

Headers = Mapping[str, str] | None


class HTTPResponse(Response):
    """A response; `body` may be a text, `content_type` becomes a header."""

    def __init__(
        self,
        body: bytes | str | None = None,
        status: int = 200,
        headers: Headers = None,
        content_type: str | None = None,
    ) -> None:
        content = body.encode() if isinstance(body, str) else body or b""
        super().__init__(content, status, dict(headers or {}))
        self.content_type = content_type

    def __getattr__(self, name: str) -> NoReturn:
        """Raise an error that names the missing feature."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise unsupported(f"HTTPResponse.{name}", AttributeError)

    def plain(self) -> Response:
        """The response with lower-case header names, including its content type."""
        headers = {name.lower(): str(value) for name, value in self.headers.items()}
        if self.content_type:
            headers.setdefault("content-type", self.content_type)
        return Response(self.body, self.status, headers)


class ResponseStream:
    """A response that a function writes piece by piece; API Gateway receives it as a whole."""

    def __init__(
        self,
        streaming_fn: Callable[[Any], Awaitable[None]] | None,
        status: int = 200,
        headers: Headers = None,
        content_type: str | None = None,
    ) -> None:
        """Take the function, called with this object; None if a handler sends the pieces."""
        self._write = streaming_fn
        self._pieces: list[bytes] = []
        self.status = status
        self.headers = headers
        self.content_type = content_type

    async def write(self, data: bytes | str) -> None:
        """Add a piece."""
        self._pieces.append(data.encode() if isinstance(data, str) else data)

    async def send(self, data: bytes | str | None = None, end_stream: bool | None = None) -> None:
        """Do the same as `write`, for a response begun by `Request.respond`."""
        if data:
            await self.write(data)

    async def eof(self) -> None:
        """End the response; optional, as the handler's return ends it too."""

    async def collected(self) -> HTTPResponse:
        """The whole response."""
        if self._write is not None:
            await self._write(self)
        return HTTPResponse(
            b"".join(self._pieces), self.status, self.headers, self.content_type or _TEXT
        )


_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"


class JSONResponse(HTTPResponse):
    """A JSON response, as a class."""

    def __init__(
        self,
        body: Any = None,
        status: int = 200,
        headers: Headers = None,
        content_type: str = _JSON,
        dumps: Callable[..., str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the document; other keywords are passed to `dumps`."""
        text = (dumps or json_module.dumps)(body, **kwargs)
        super().__init__(text, status, headers, content_type)


def json(
    body: Any,
    status: int = 200,
    headers: Headers = None,
    content_type: str = _JSON,
    dumps: Callable[..., str] | None = None,
    **kwargs: Any,
) -> HTTPResponse:
    """A JSON response; other keywords are passed to `dumps`."""
    return JSONResponse(body, status, headers, content_type, dumps, **kwargs)


def text(
    body: str, status: int = 200, headers: Headers = None, content_type: str = _TEXT
) -> HTTPResponse:
    """A text response."""
    if not isinstance(body, str):
        raise TypeError(f"Bad body type. Expected str, got {type(body).__name__})")
    return HTTPResponse(body, status, headers, content_type)


def html(body: Any, status: int = 200, headers: Headers = None) -> HTTPResponse:
    """An HTML response; an object with `__html__` provides its own."""
    if not isinstance(body, str | bytes):
        body = body.__html__()
    return HTTPResponse(body, status, headers, "text/html; charset=utf-8")


def raw(
    body: bytes | str | None,
    status: int = 200,
    headers: Headers = None,
    content_type: str = "application/octet-stream",
) -> HTTPResponse:
    """A response with unchanged bytes."""
    return HTTPResponse(body, status, headers, content_type)


def empty(status: int = 204, headers: Headers = None) -> HTTPResponse:
    """A response without a body."""
    return HTTPResponse(b"", status, headers)


def redirect(
    to: str,
    headers: Headers = None,
    status: int = 302,
    content_type: str = "text/html; charset=utf-8",
) -> HTTPResponse:
    """A redirect to another address."""
    location = quote_plus(to, safe=":/%#?&=@[]!$&'()*+,;")
    return HTTPResponse(b"", status, {**(headers or {}), "Location": location}, content_type)


async def file(
    location: str | Path,
    status: int = 200,
    mime_type: str | None = None,
    headers: Headers = None,
    filename: str | None = None,
) -> HTTPResponse:
    """A file of the layer or the function; raises FileNotFoundError if it does not exist.

    `filename` offers it for download under that name.
    """
    from email.utils import formatdate
    from mimetypes import guess_type
    from pathlib import Path

    path = Path(location)
    given = {
        "Last-Modified": formatdate(path.stat().st_mtime, usegmt=True),
        "Cache-Control": "no-cache",
        **({"Content-Disposition": f'attachment; filename="{filename}"'} if filename else {}),
        **(headers or {}),
    }
    kind = mime_type or guess_type(filename or path.name)[0] or _TEXT
    return HTTPResponse(path.read_bytes(), status, given, kind)


def stream(
    streaming_fn: Callable[[Any], Awaitable[None]],
    status: int = 200,
    headers: Headers = None,
    content_type: str = _TEXT,
) -> ResponseStream:
    """A response that a function writes (Sanic before 22.3)."""
    return ResponseStream(streaming_fn, status, headers, content_type)


__getattr__ = missing_from("sanic.response")
