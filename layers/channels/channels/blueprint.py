"""A channel's routes, with the part of Sanic's `Blueprint` that connectors use."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from channels.request import Request
    from channels.response import Response

    RouteHandler = Callable[[Request], Response | Awaitable[Response]]


class Blueprint:
    """Routes below one prefix: `@blueprint.route("/webhook", methods=["POST"])`."""

    def __init__(self, name: str, *_: object) -> None:
        """Name the blueprint; Sanic's further positional arguments are accepted and unused."""
        self.name = name
        self._routes: dict[str, dict[str, RouteHandler]] = {}

    def route(
        self, uri: str, methods: Iterable[str] = ("GET",)
    ) -> Callable[[RouteHandler], RouteHandler]:
        """Decorator that serves `uri` (an exact path, trailing slash or not) by a function."""
        if "<" in uri:
            raise ValueError(f"route {uri!r}: path parameters are not supported")

        def register(handler: RouteHandler) -> RouteHandler:
            for method in methods:
                self._routes.setdefault(uri.strip("/"), {})[method.upper()] = handler
            return handler

        return register

    def get(self, uri: str) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for GET."""
        return self.route(uri, ["GET"])

    def post(self, uri: str) -> Callable[[RouteHandler], RouteHandler]:
        """`route` for POST."""
        return self.route(uri, ["POST"])

    def handlers(self, path: str) -> dict[str, RouteHandler]:
        """The functions that serve a path below the prefix, by method; empty when none does."""
        return self._routes.get(path.strip("/"), {})
