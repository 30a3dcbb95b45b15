"""Serve a blueprint of the real Sanic in process, through Sanic's ASGI interface."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING

from channels.errors import ChannelError
from channels.http.response import Response

if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request

#: Sanic refuses two apps with the same name, and a channel is made again when its credentials
#: change.
_numbers = count()


class SanicApp:
    """A Sanic app with one blueprint, under its channel's prefix."""

    def __init__(self, blueprint: Any, name: str) -> None:
        """Make the app; it starts with its first request."""
        self._prefix = f"/webhooks/{name}"
        sanic = import_module("sanic")
        self._app = sanic.Sanic(f"channel_{name}_{next(_numbers)}", configure_logging=False)
        self._app.config.FALLBACK_ERROR_FORMAT = "json"
        self._app.config.TOUCHUP = (
            False  # would rewrite Sanic's own code at startup, for its server
        )
        self._app.exception(ChannelError)(self._note)
        self._failure: ChannelError | None = None
        self._app.blueprint(blueprint, url_prefix=self._prefix)
        self._start_message: dict[str, Any] | None = None

    async def respond(self, request: Request, path: str) -> Response:
        """Return the app's response to a request to `path` below the prefix."""
        if self._start_message is None:
            self._start_message = await self._start()
        if self._start_message["type"] == "lifespan.startup.failed":
            raise RuntimeError(
                f"the channel's Sanic app cannot start: {self._start_message['message']}"
            )
        origin = "/".join(request.base_url.split("/", 3)[:3])
        if origin.partition("://")[2]:
            # Sanic builds the address that the caller used from this setting; else it assumes http.
            self._app.config.SERVER_NAME = origin
        exchange = _Exchange(request.body)
        self._failure = None
        await self._app(self._scope(request, path), exchange.receive, exchange.send)
        if self._failure is not None:
            raise self._failure
        return exchange.response

    async def _note(self, request: Any, error: ChannelError) -> Any:
        """Keep an error that has its own status: Sanic would respond with 500."""
        self._failure = error
        return import_module("sanic.response").empty()

    async def _start(self) -> dict[str, Any]:
        """Run the listeners of the server's start; return the app's ASGI message about it.

        The listeners of the server's stop never run: a Lambda is not told of its end either.
        """

        async def receive() -> dict[str, Any]:
            if started.done():
                raise _NoMore
            return {"type": "lifespan.startup"}

        async def send(message: dict[str, Any]) -> None:
            started.set_result(message)

        started: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        with contextlib.suppress(_NoMore):
            await self._app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
        return await started

    def _scope(self, request: Request, path: str) -> dict[str, Any]:
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in request.headers.items()
        ]
        whole = f"{self._prefix}/{path}"
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.partition("://")[0] or "https",
            "path": whole,
            "raw_path": whole.encode(),
            "root_path": "",
            "query_string": request.query_string.encode("latin-1", "replace"),
            "headers": headers,
            "client": (request.ip, 0),
            "server": (request.headers.get("host", ""), 443),
        }


class _NoMore(Exception):
    """The app waits for the server's shutdown, which never comes."""


class _Exchange:
    """One request's body, and its response as it arrives."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._status = 500
        self._headers: dict[str, str] = {}
        self._cookies: list[str] = []
        self._pieces: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        body, self._body = self._body, b""
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            for raw_name, raw_value in message["headers"]:
                name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
                if name == "set-cookie":
                    self._cookies.append(value)
                else:
                    self._headers[name] = value
        elif message["type"] == "http.response.body":
            self._pieces.append(message.get("body", b""))

    @property
    def response(self) -> Response:
        headers = {name: value for name, value in self._headers.items() if name != "content-length"}
        response = Response(b"".join(self._pieces), self._status, headers)
        response.cookies = tuple(self._cookies)
        return response
