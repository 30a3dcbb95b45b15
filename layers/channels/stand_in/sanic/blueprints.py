"""Sanic's `Blueprint`, made of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from channels.blueprint import Blueprint as Routes
from channels.response import Response
from sanic.missing import unsupported
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream

if TYPE_CHECKING:
    from channels.blueprint import RouteHandler
    from channels.request import Request as ChannelRequest

__all__ = ["Blueprint"]

#: Options that say nothing here: names of routes, and slashes, which are taken either way.
_IGNORED = {"name", "strict_slashes", "ignore_body", "unquote"}


class Blueprint(Routes):
    """Routes below `/webhooks/<channel>`, which replaces a prefix of its own, as in Rasa."""

    def __init__(
        self, name: str, url_prefix: str | None = None, strict_slashes: bool | None = None
    ) -> None:
        """Name the blueprint."""
        super().__init__(name)
        self.url_prefix = url_prefix

    def route(
        self, uri: str, methods: Iterable[str] = ("GET",), **options: Any
    ) -> Callable[[RouteHandler], RouteHandler]:
        """Serve a path by a function; NotImplementedError for path parameters."""
        if "<" in uri:
            raise unsupported(f"Blueprint.route with the path parameter of {uri!r}")
        for option in options:
            if option not in _IGNORED:
                raise unsupported(f"Blueprint.route({option}=...)")
        return super().route(uri, methods)

    def add_route(
        self,
        handler: RouteHandler,
        uri: str,
        methods: Iterable[str] = ("GET",),
        **options: Any,
    ) -> RouteHandler:
        """`route` as a function."""
        return self.route(uri, methods, **options)(handler)

    def get(self, uri: str, **options: Any) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for GET."""
        return self.route(uri, ["GET"], **options)

    def post(self, uri: str, **options: Any) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for POST."""
        return self.route(uri, ["POST"], **options)

    def put(self, uri: str, **options: Any) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for PUT."""
        return self.route(uri, ["PUT"], **options)

    def patch(self, uri: str, **options: Any) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for PATCH."""
        return self.route(uri, ["PATCH"], **options)

    def delete(self, uri: str, **options: Any) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for DELETE."""
        return self.route(uri, ["DELETE"], **options)

    def head(self, uri: str, **options: Any) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for HEAD."""
        return self.route(uri, ["HEAD"], **options)

    def options(self, uri: str, **options: Any) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for OPTIONS."""
        return self.route(uri, ["OPTIONS"], **options)

    def __getattr__(self, name: str) -> NoReturn:
        """Name what the stand-in lacks."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise unsupported(f"Blueprint.{name}", AttributeError)

    async def _call(self, handler: RouteHandler, request: ChannelRequest) -> Response:
        answer: Any = handler(Request.of(request))
        if not isinstance(answer, Response | ResponseStream):
            answer = await answer
        if isinstance(answer, ResponseStream):
            answer = await answer.collected()
        if not isinstance(answer, Response):
            raise TypeError(f"a handler of {self.name} answers with {type(answer).__name__}")
        return answer.plain() if isinstance(answer, HTTPResponse) else answer
