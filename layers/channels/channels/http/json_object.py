"""A request's body as a JSON object."""

from __future__ import annotations

from channels.errors import PayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.http.request import Request


def json_object(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object; raise PayloadError if it is not one."""
    body = request.json
    if not isinstance(body, dict):
        raise PayloadError("the body must be a JSON object")
    return body
