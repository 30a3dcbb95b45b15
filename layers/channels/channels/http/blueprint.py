"""A channel's routes, with the part of Sanic's `Blueprint` that our own channels use.

A connector that imports `sanic` gets a fuller stand-in (layers/channels/stand_in/sanic).
"""

from __future__ import annotations

from channels.http.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any

    from channels.http.request import Request

    RouteHandler = Callable[..., Response | Awaitable[Response]]


class Blueprint:
    """Routes below a common prefix: `@blueprint.route("/webhook", methods=["POST"])`."""

    def __init__(self, name: str, *_: object) -> None:
        """Name the blueprint; Sanic's further positional arguments are accepted and unused."""
        self.name = name
        self._routes: dict[str, dict[str, RouteHandler]] = {}

    def route(
        self, uri: str, methods: Iterable[str] = ("GET",)
    ) -> Callable[[RouteHandler], RouteHandler]:
        """Register the decorated function for `uri`, an exact path; a trailing slash is ignored."""
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
        """Return the functions that serve a path below the prefix, by method; empty if none do."""
        return self._routes.get(path.strip("/"), {})

    async def respond(self, request: Request, path: str) -> Response:
        """Serve a request to `path` below the prefix.

        Respond with 404 or 405 if no route matches.
        """
        handlers = self.handlers(path)
        handler = handlers.get(request.method)
        if handler is None:
            return self._unserved(request, handlers)
        response: Any = handler(request)
        return response if isinstance(response, Response) else await response

    def _unserved(self, request: Request, handlers: dict[str, RouteHandler]) -> Response:
        if not handlers:
            return Response.error(404, f"no route '{request.path}'")
        allow = {"allow": ", ".join(sorted(handlers))}
        return Response.error(405, f"method {request.method} is not allowed", headers=allow)
