"""Serve the chat page's files over HTTP, with headers for security and caching.

    /webchat                      -> /webchat/chat
    /webchat/chat, /webchat/      the page, revalidated each time
    /webchat/embed.js             the script for other sites, cached for an hour
    /webchat/vendor/<name>-<version>/<file>, /webchat/<version>/<file>      cached for a year

The <version> of our own files is a hash over all of them, written into the page, so that a page and
its modules always come from the same deployment.
"""

from __future__ import annotations

import hashlib
import html
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from channels.http.error_responses import respond_to_event
from channels.http.response import Response
from channels.telemetry.logs import begin_request, start_logging

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from channels.http.request import Request
    from channels.wiring.settings import Settings

PAGE = "index.html"
EMBED = "embed.js"

_CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_TEXT = "text/plain; charset=utf-8"

_FOR_A_YEAR = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"
_ASK_FIRST = "no-cache"

_METHODS = ("GET", "HEAD")

_SAFE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


class _File:
    """A file's bytes and headers."""

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        self.body = body
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        self.headers = {"etag": etag, **_SAFE, **headers}


class Webchat:
    """Serves the chat page below `/webchat`; called as a Lambda handler."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Read all files while the Lambda starts: only what is read now is ever served."""
        start_logging(settings.log_level, settings.trace)
        self._files = _files(_contents(folder), settings)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Respond to an API Gateway event."""
        begin_request(event, context)
        return respond_to_event("webchat", event, self._respond)

    def _respond(self, request: Request) -> Response:
        if request.method not in _METHODS:
            message = f"method {request.method} is not allowed"
            return Response.error(405, message, headers={"allow": ", ".join(_METHODS)})
        # The last one: MiniStack treats /webchat/ as /webchat, whose redirect then leads below
        # itself.
        _, found, name = request.path.rpartition("/webchat/")
        response = self._file(name, request) if found else _redirect(request)
        if request.method == "HEAD":
            response.body = b""
        return response

    def _file(self, name: str, request: Request) -> Response:
        file = self._files.get(name)
        if file is None:
            return Response.error(404, f"no file '{name}'", headers={"cache-control": "no-store"})
        if _has(request.headers.get("if-none-match", ""), file.headers["etag"]):
            return Response(b"", 304, dict(file.headers))
        return Response(file.body, 200, dict(file.headers))


def _redirect(request: Request) -> Response:
    """Redirect to the page next to its files; the location is relative, so any prefix works."""
    query = f"?{request.query_string}" if request.query_string else ""
    return Response(b"", 308, {"location": f"webchat/chat{query}", "cache-control": _FOR_AN_HOUR})


def _contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _files(contents: dict[str, bytes], settings: Settings) -> dict[str, _File]:
    digest = hashlib.sha256()
    for name, body in contents.items():
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    version = digest.hexdigest()[:12]
    served = {}
    for name, body in contents.items():
        if name == PAGE:
            served[""] = served["chat"] = _page(body, version, settings)
        elif name == EMBED:
            served[name] = _file(name, body, _FOR_AN_HOUR, "cross-origin")
        elif name.startswith("vendor/"):
            served[name] = _file(name, body, _FOR_A_YEAR)
        else:
            served[f"{version}/{name}"] = _file(name, body, _FOR_A_YEAR)
    return served


def _file(name: str, body: bytes, cache: str, resource_policy: str = "same-origin") -> _File:
    dot = name.rfind(".")
    headers = {
        "content-type": _CONTENT_TYPES.get(name[dot:] if dot >= 0 else "", _TEXT),
        "cache-control": cache,
        "cross-origin-resource-policy": resource_policy,
        # applies if a file is opened as a document
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return _File(body, headers)


def _page(body: bytes, version: str, settings: Settings) -> _File:
    filled = body.decode().replace("{{version}}", version)
    filled = filled.replace("{{websocket_url}}", html.escape(settings.websocket_url))
    headers = {
        "content-type": _CONTENT_TYPES[".html"],
        "cache-control": _ASK_FIRST,
        "content-security-policy": _policy(settings.websocket_url, settings.frame_ancestors),
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    return _File(filled.encode(), headers)


def _policy(websocket_url: str, frame_ancestors: str) -> str:
    """Return the page's content security policy: own files, one socket, the assistant's media."""
    scheme, host, *_ = urlsplit(websocket_url)
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' https: data:",
        "media-src": "https:",
        "connect-src": f"{scheme}://{host}" if host else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": frame_ancestors,
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _has(if_none_match: str, etag: str) -> bool:
    """Return whether a list of tags contains this one; a proxy may have made it weak (`W/`)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
