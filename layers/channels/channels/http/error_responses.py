"""Errors as HTTP statuses: what the caller is told, and what only the log contains."""

from __future__ import annotations

import logging

from channels.errors import ChannelError, Refused
from channels.http.request import Request
from channels.http.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

logger = logging.getLogger(__name__)

#: What the caller is told in place of an error's own text, and the header that goes with the
#: status. A forger must learn nothing, and how the channel is set up concerns only its operator.
_TOLD: dict[int, tuple[str, dict[str, str]]] = {
    401: ("request refused", {"www-authenticate": "Bearer"}),
    403: ("request refused", {}),
    500: ("the channel is not set up: see its log", {}),
    503: ("try again", {"retry-after": "5"}),
}


def respond_to_event(
    name: str, event: Any, respond: Callable[[Request], Response], public_base_url: str = ""
) -> dict[str, Any]:
    """Respond to an API Gateway event with `respond(request)`, or with the status of its error.

    `name` identifies the endpoint in the log. The caller never sees a stack trace.
    """
    try:
        response = _response(name, event, respond, public_base_url)
        return response.to_event(is_rest_api=isinstance(event, dict) and "rawPath" not in event)
    except Exception:
        logger.exception("%s: request failed", name)
        return Response.error(500, "internal error").to_event()


def _response(
    name: str, event: Any, respond: Callable[[Request], Response], public_base_url: str
) -> Response:
    try:
        return respond(Request.from_event(event, public_base_url))
    except ChannelError as error:
        kind = type(error).__name__
        logger.warning("%s: refused with %d: %s: %s", name, error.status, kind, error)
        if isinstance(error, Refused):
            text, headers = str(error), error.headers
        else:
            text, headers = _TOLD.get(error.status, (str(error), {}))
        return Response.error(error.status, text, headers=headers)
