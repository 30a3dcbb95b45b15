"""Find the handler of a path: Sanic's routes, with and without parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sanic.missing import unsupported

__all__ = ["Found", "RouteTable"]


def _date(text: str) -> Any:
    from datetime import date  # imported only for routes that need it, as is `uuid`: cold starts

    return date.fromisoformat(text)


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


#: Types of path parameters: expression, conversion, and priority, as the most specific route that
#: matches a path is used. Source: Sanic's user guide, "Routing".
_TYPES: dict[str, tuple[str, Callable[[str], Any], int]] = {
    "int": (r"-?\d+", int, 1),
    "float": (r"-?(?:\d+(?:\.\d*)?|\.\d+)", float, 1),
    "ymd": (r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", _date, 1),
    "uuid": (r"[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}", _uuid, 1),
    "alpha": (r"[A-Za-z]+", str, 2),
    "slug": (r"[a-z0-9]+(?:-[a-z0-9]+)*", str, 2),
    "str": (r"[^/]+", str, 4),
    "strorempty": (r"[^/]*", str, 4),
    "path": (r".*", str, 5),
}
_TYPES["string"] = _TYPES["str"]  # the names before Sanic 22.3
_TYPES["number"] = _TYPES["float"]
_EXPRESSION = 3

_PARAMETER = re.compile(r"<([A-Za-z_]\w*)(?::(.*))?>")


class Found(NamedTuple):
    """The match of a path: the handlers by method, and the path's parameters."""

    handlers: dict[str, Any]
    parameters: dict[str, Any]


class _Route:
    """One path, such as `/orders/<number:int>`."""

    def __init__(self, uri: str) -> None:
        self.handlers: dict[str, Any] = {}
        self._conversions: dict[str, Callable[[str], Any]] = {}
        self.priority: list[int] = []
        self._expression = re.compile("/".join(map(self._segment, _segments(uri))), re.DOTALL)

    def _segment(self, segment: str) -> str:
        if "<" not in segment:
            self.priority.append(0)
            return re.escape(segment)
        found = _PARAMETER.fullmatch(segment)
        if found is None or (found[2] or "").startswith("ext"):
            raise unsupported(f"Blueprint.route with {segment!r}")
        name, kind = found[1], found[2] or "str"
        expression, convert, priority = _TYPES.get(kind, (f"(?:{kind})", str, _EXPRESSION))
        self.priority.append(priority)
        self._conversions[name] = convert
        return f"(?P<{name}>{expression})"

    def match(self, path: str) -> dict[str, Any] | None:
        """The parameters of a path; None if the path does not match."""
        found = self._expression.fullmatch(path)
        if found is None:
            return None
        try:
            return {name: self._conversions[name](text) for name, text in found.groupdict().items()}
        except ValueError:  # such as the 30th of February
            return None


class RouteTable:
    """The routes of a blueprint."""

    def __init__(self) -> None:
        self._routes: dict[str, _Route] = {}

    def add(self, uri: str, methods: Iterable[str], handler: Any) -> None:
        """Serve a path; raises NotImplementedError for a parameter that the stand-in lacks."""
        path = uri.strip("/")
        route = self._routes.get(path) or _Route(path)
        for method in methods:
            route.handlers[method.upper()] = handler
        self._routes[path] = route

    def find(self, path: str, method: str) -> Found | None:
        """The match of a path, preferably one that serves `method`; None if there is none."""
        found = None
        for route in sorted(self._routes.values(), key=lambda route: route.priority):
            parameters = route.match(path.strip("/"))
            if parameters is not None:
                found = found or Found(route.handlers, parameters)
                if method in route.handlers:
                    return Found(route.handlers, parameters)
        return found


def _segments(uri: str) -> list[str]:
    """The parts of a path between slashes; slashes within `<...>` belong to an expression."""
    return re.findall(r"(?:<[^>]*>|[^/])+", uri) or [""]
