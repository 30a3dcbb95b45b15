"""Sanic's `Request`, made of ours."""

from __future__ import annotations

import json as json_module
from types import SimpleNamespace
from typing import Any, NoReturn

from channels.request import Parameters
from channels.request import Request as ChannelRequest
from sanic.exceptions import BadRequest
from sanic.missing import unsupported

__all__ = ["Request", "RequestParameters"]

RequestParameters = Parameters

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_NO_TYPE = "application/octet-stream"


class Request(ChannelRequest):
    """A request with Sanic's attributes, in Sanic's reading of them: `json` of no body is None."""

    @classmethod
    def of(cls, request: ChannelRequest) -> Request:
        """The same request."""
        made = cls.__new__(cls)
        made.__dict__.update(request.__dict__)
        made.ctx = SimpleNamespace()
        return made

    ctx: SimpleNamespace

    @property
    def content_type(self) -> str:
        """The header as it was sent."""
        value: str = self.headers.get("content-type", _NO_TYPE)
        return value

    @property
    def json(self) -> Any:
        """The body as JSON, None without one; BadRequest when it is not JSON."""
        return self.load_json()

    def load_json(self, loads: Any = json_module.loads) -> Any:
        """`json`, read by another function."""
        if not self.body:
            return None
        try:
            return loads(self.body)
        except Exception as error:
            raise BadRequest("Failed when parsing body as json") from error

    @property
    def form(self) -> Parameters:
        """The fields of a form; none for another kind of body."""
        kind = self._kind()
        if kind == _MULTIPART:
            raise unsupported("Request.form of multipart/form-data")
        return super().form if kind == _FORM else Parameters()

    @property
    def files(self) -> Parameters:
        """The files of a form: none, but for multipart forms, which are not supported."""
        if self._kind() == _MULTIPART:
            raise unsupported("Request.files")
        return Parameters()

    @property
    def token(self) -> str | None:
        """What follows `Bearer` or `Token` in the Authorization header; without one of them, all.

        None where there is no header.
        """
        given: str | None = self.headers.get("authorization")
        if given is None:
            return None
        for scheme in ("Bearer", "Token"):
            if scheme in given:
                return given.partition(scheme)[2].strip()
        return given

    def get_args(self, **options: Any) -> Parameters:
        """`args`."""
        return self.args

    @property
    def query_args(self) -> list[tuple[str, str]]:
        """The parameters of the query string as pairs, in their order."""
        return [(name, value) for name, values in self.args.items() for value in values]

    @property
    def remote_addr(self) -> str:
        """The client's address."""
        return self.ip

    @property
    def host(self) -> str:
        """The header `Host`."""
        value: str = self.headers.get("host", "")
        return value

    @property
    def scheme(self) -> str:
        """`https`, unless the caller's address says otherwise."""
        return self.url.partition("://")[0] or "https"

    def _kind(self) -> str:
        return super().content_type

    def __getattr__(self, name: str) -> NoReturn:
        """Name what the stand-in lacks."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise unsupported(f"Request.{name}", AttributeError)
