"""Sanic's `Blueprint`, built on ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, NoReturn

from channels.errors import Refused
from channels.http.blueprint import Blueprint as Routes
from channels.http.response import Response
from sanic.app import ChannelApp
from sanic.missing import unsupported
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream
from sanic.routing import RouteTable

if TYPE_CHECKING:
    from channels.http.blueprint import RouteHandler
    from channels.http.request import Request as ChannelRequest

    Decorator = Callable[[Any], Any]

__all__ = ["Blueprint"]

#: Options without effect here: names of routes, and slashes, which are accepted either way.
_IGNORED = {"name", "strict_slashes", "ignore_body", "unquote", "apply"}


class Blueprint(Routes):
    """Routes below `/webhooks/<channel>`, which replaces the blueprint's own prefix, as in Rasa."""

    def __init__(
        self,
        name: str,
        url_prefix: str | None = None,
        host: object = None,
        version: object = None,
        strict_slashes: bool | None = None,
    ) -> None:
        """Take the name and prefix; raises NotImplementedError for `host` and `version`."""
        super().__init__(name)
        if host is not None or version is not None:
            raise unsupported(f"Blueprint({'version' if host is None else 'host'}=...)")
        self.url_prefix = url_prefix
        self._app = ChannelApp(name)
        self._table = RouteTable()
        self._on_request: list[Any] = []
        self._on_response: list[Any] = []
        self._on_exception: dict[type[BaseException], Any] = {}

    def route(
        self, uri: str, methods: Iterable[str] = ("GET",), **options: Any
    ) -> Callable[[RouteHandler], RouteHandler]:
        """Decorate the handler of a path; it receives the path's parameters by name.

        `<name>`, `<name:type>` and `<name:expression>` are parameters that each fill a segment;
        raises NotImplementedError for any other form.
        """
        for option, value in options.items():
            if option not in _IGNORED and value is not None:
                raise unsupported(f"Blueprint.route({option}=...)")

        def register(handler: RouteHandler) -> RouteHandler:
            self._table.add(uri, methods, handler)
            return handler

        return register

    def add_route(
        self,
        handler: RouteHandler,
        uri: str,
        methods: Iterable[str] = ("GET",),
        **options: Any,
    ) -> RouteHandler:
        """Do the same as `route`, as a plain function."""
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

    def middleware(self, when: Any = "request", attach_to: str = "request") -> Any:
        """Decorate a function that runs before each handler (`request`) or after it (`response`).

        The first that returns a response ends the request.
        """
        if callable(when):
            return self.middleware(attach_to)(when)
        lists = {"request": self._on_request, "response": self._on_response}
        if when not in lists:
            raise ValueError(f"a middleware is for 'request' or 'response', not {when!r}")

        def register(function: Any) -> Any:
            lists[when].append(function)
            return function

        return register

    def on_request(self, function: Any = None) -> Any:
        """`middleware("request")`."""
        register = self.middleware("request")
        return register if function is None else register(function)

    def on_response(self, function: Any = None) -> Any:
        """`middleware("response")`."""
        register = self.middleware("response")
        return register if function is None else register(function)

    def exception(self, *kinds: Any, apply: bool = True) -> Decorator:
        """Decorate a function that responds if a handler raises one of `kinds`."""

        def register(handler: Any) -> Any:
            for kind in kinds:
                for one in kind if isinstance(kind, list | tuple) else (kind,):
                    self._on_exception[one] = handler
            return handler

        return register

    def handlers(self, path: str) -> dict[str, RouteHandler]:
        """The handlers of a path below the prefix, by method."""
        found = self._table.find(path, "")
        return found.handlers if found else {}

    async def respond(self, request: ChannelRequest, path: str) -> Response:
        """Respond to a request to `path` below the prefix; 404 or 405 if nothing serves it."""
        found = self._table.find(path, request.method)
        if found is None or request.method not in found.handlers:
            return self._unserved(request, found.handlers if found else {})
        asked = Request.of(request, self._app, found.parameters)
        try:
            response = await self._answer(asked, found.handlers[request.method])
        except Exception as error:
            response = await self._answer_to(error, asked)
        for middleware in reversed(self._on_response):
            other = await _awaited(middleware(asked, response))
            if other is not None:
                response = await self._whole(asked, other)
                break
        return response.plain() if isinstance(response, HTTPResponse) else response

    async def _answer(self, asked: Request, handler: Any) -> Response:
        for middleware in self._on_request:
            answer = await _awaited(middleware(asked))
            if answer is not None:
                return await self._whole(asked, answer)
        answer = await _awaited(handler(asked, **asked.match_info))
        return await self._whole(asked, answer)

    async def _answer_to(self, error: Exception, asked: Request) -> Response:
        """The connector's response to an exception; raises it if the connector has no handler."""
        for kind in type(error).__mro__:
            if kind in self._on_exception:
                answer = await _awaited(self._on_exception[kind](asked, error))
                return await self._whole(asked, answer)
        if isinstance(error, Refused) and self._on_response:
            return Response.error(error.status, str(error), headers=dict(error.headers))
        raise error

    async def _whole(self, asked: Request, answer: Any) -> Response:
        if answer is None:
            answer = asked.responded
        if isinstance(answer, ResponseStream):
            answer = await answer.collected()
        if not isinstance(answer, Response):
            raise TypeError(f"a handler of {self.name} returned {type(answer).__name__}")
        return answer

    def __getattr__(self, name: str) -> NoReturn:
        """Raise an error that names the missing feature."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise unsupported(f"Blueprint.{name}", AttributeError)


async def _awaited(answer: Any) -> Any:
    return await answer if isawaitable(answer) else answer
