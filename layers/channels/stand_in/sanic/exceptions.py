"""Sanic's exceptions: a handler raises one to respond with it."""

from __future__ import annotations

from typing import Any

from channels.errors import Refused
from sanic.missing import missing_from

__all__ = [
    "BadRequest",
    "Forbidden",
    "InvalidUsage",
    "MethodNotAllowed",
    "NotFound",
    "SanicException",
    "ServerError",
    "ServiceUnavailable",
    "Unauthorized",
]


class SanicException(Refused):
    """A response with a status and a text."""

    status_code = 500
    message = "Internal Server Error"

    def __init__(
        self,
        message: str | bytes | None = None,
        status_code: int | None = None,
        *,
        quiet: bool | None = None,
        headers: dict[str, str] | None = None,
        **_: Any,
    ) -> None:
        """Take the response; `quiet` has no effect, as every refusal is logged in one line."""
        told = message.decode() if isinstance(message, bytes) else message or self.message
        self.status_code = status_code or self.status_code
        super().__init__(told, self.status_code, headers)


class BadRequest(SanicException):
    """400."""

    status_code = 400
    message = "Bad Request"


class Unauthorized(SanicException):
    """401; `scheme` and its parameters form the header WWW-Authenticate."""

    status_code = 401
    message = "Unauthorized"

    def __init__(
        self,
        message: str | bytes | None = None,
        status_code: int | None = None,
        scheme: str | None = None,
        *,
        quiet: bool | None = None,
        headers: dict[str, str] | None = None,
        **challenges: Any,
    ) -> None:
        """Take the response, and the challenge if a `scheme` is given."""
        super().__init__(message, status_code, quiet=quiet, headers=headers)
        if scheme is not None:
            values = ", ".join(f'{name}="{value}"' for name, value in challenges.items())
            self.headers["www-authenticate"] = f"{scheme} {values}".rstrip()


class Forbidden(SanicException):
    """403."""

    status_code = 403
    message = "Forbidden"


class NotFound(SanicException):
    """404."""

    status_code = 404
    message = "Not Found"


class MethodNotAllowed(SanicException):
    """405."""

    status_code = 405
    message = "Method Not Allowed"


class ServerError(SanicException):
    """500."""


class ServiceUnavailable(SanicException):
    """503."""

    status_code = 503
    message = "Service Unavailable"


InvalidUsage = BadRequest

__getattr__ = missing_from("sanic.exceptions")
