"""Sanic's `Request`, built on ours."""

from __future__ import annotations

import json as json_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from channels.errors import PayloadError
from channels.http.request import Headers, Parameters
from channels.http.request import Request as ChannelRequest
from sanic.app import ChannelApp
from sanic.exceptions import BadRequest
from sanic.missing import unsupported

if TYPE_CHECKING:
    from uuid import UUID

    from sanic.multipart import Files
    from sanic.response import ResponseStream

__all__ = ["Header", "Request", "RequestParameters"]

RequestParameters = Parameters

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_NO_TYPE = "application/octet-stream"


class Header(Headers):
    """Headers, with Sanic's additional methods to read one."""

    def getone(self, name: str, default: Any = None) -> Any:
        """The value of a header."""
        return self.get(name, default)

    def getall(self, name: str, default: Any = None) -> Any:
        """The values of a header as a list; API Gateway joins repeated headers into one."""
        return [self[name]] if name in self else default


class Request(ChannelRequest):
    """A request with Sanic's attributes and semantics: `json` is None for an empty body.

    `ctx` holds objects of middleware and handlers, `match_info` the path's parameters.
    """

    ctx: SimpleNamespace
    app: ChannelApp
    match_info: dict[str, Any]
    responded: ResponseStream | None

    @classmethod
    def of(
        cls,
        request: ChannelRequest,
        app: ChannelApp | None = None,
        match_info: dict[str, Any] | None = None,
    ) -> Request:
        """Make the request from one of ours."""
        made = cls.__new__(cls)
        made.__dict__.update(request.__dict__)
        made.headers = Header(request.headers)
        made.ctx = SimpleNamespace()
        made.app = app or ChannelApp("")
        made._id = None
        made.match_info = match_info or {}
        made.responded = None
        made._parts = None
        return made

    _parts: tuple[Parameters, Files] | None
    _id: UUID | None

    @property
    def id(self) -> UUID:
        """A random id of the request, made on first use."""
        if self._id is None:
            from uuid import uuid4

            self._id = uuid4()
        return self._id

    @property
    def content_type(self) -> str:
        """The content type header, unchanged."""
        value: str = self.headers.get("content-type", _NO_TYPE)
        return value

    @property
    def json(self) -> Any:
        """The body as JSON, None if it is empty; raises BadRequest if it is not JSON."""
        return self.load_json()

    def load_json(self, loads: Any = json_module.loads) -> Any:
        """The body as JSON, parsed by `loads`."""
        if not self.body:
            return None
        try:
            return loads(self.body)
        except Exception as error:
            raise BadRequest("Failed when parsing body as json") from error

    @property
    def form(self) -> Parameters:
        """The fields of a form of either type; blank URL-encoded fields are left out.

        Empty for any other body.
        """
        return self.get_form()

    def get_form(self, keep_blank_values: bool = False) -> Parameters:
        """The fields of a form, with blank ones if requested."""
        kind = self._kind()
        if kind == _MULTIPART:
            return self._multipart()[0]
        if kind != _FORM:
            return Parameters()
        return _by_name(_pairs(self.body.decode("utf-8", "replace"), keep_blank_values))

    @property
    def files(self) -> Files:
        """The files of a multipart form: each has `type`, `body` and `name`."""
        return self._multipart()[1]

    def _multipart(self) -> tuple[Parameters, Files]:
        if self._parts is None:
            from sanic.multipart import Files, read_multipart

            is_form = self._kind() == _MULTIPART
            given = (Parameters(), Files())
            self._parts = read_multipart(self.content_type, self.body) if is_form else given
        return self._parts

    @property
    def cookies(self) -> Parameters:
        """The request's cookies."""
        found = Parameters()
        for pair in self.headers.get("cookie", "").split(";"):
            name, equals, value = pair.strip().partition("=")
            if equals:
                found.setdefault(name.strip(), []).append(value.strip().strip('"'))
        return found

    async def respond(
        self,
        response: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        content_type: str | None = None,
    ) -> ResponseStream:
        """Begin a response to be sent piece by piece; API Gateway receives it as a whole."""
        from sanic.response import ResponseStream

        if response is not None:
            raise unsupported("Request.respond(response)")
        self.responded = ResponseStream(None, status, headers, content_type)
        return self.responded

    @property
    def token(self) -> str | None:
        """The token after `Bearer` or `Token` in the Authorization header, or the whole header.

        None if there is no header.
        """
        given: str | None = self.headers.get("authorization")
        if given is None:
            return None
        for scheme in ("Bearer", "Token"):
            if scheme in given:
                return given.partition(scheme)[2].strip()
        return given

    @property
    def args(self) -> Parameters:
        """The parameters of the query string, except blank ones."""
        return self.get_args()

    def get_args(self, keep_blank_values: bool = False) -> Parameters:
        """The parameters of the query string, with blank ones if requested."""
        pairs = self.get_query_args(keep_blank_values)
        return _by_name(pairs)

    def get_query_args(self, keep_blank_values: bool = False) -> list[tuple[str, str]]:
        """The parameters of the query string as pairs, with blank ones if requested."""
        return _pairs(self.query_string, keep_blank_values)

    @property
    def query_args(self) -> list[tuple[str, str]]:
        """The parameters of the query string as pairs, in order, except blank ones."""
        return self.get_query_args()

    @property
    def remote_addr(self) -> str:
        """The client's address."""
        return self.ip

    @property
    def client_ip(self) -> str:
        """The client's address."""
        return self.ip

    @property
    def host(self) -> str:
        """The host that the caller used, or the header `Host` if that is unknown."""
        value: str = self.base_url.partition("://")[2].partition("/")[0]
        return value or self.headers.get("host", "")

    @property
    def scheme(self) -> str:
        """`https`, unless the caller's URL says otherwise."""
        return self.url.partition("://")[0] or "https"

    def _kind(self) -> str:
        return super().content_type

    def __getattr__(self, name: str) -> NoReturn:
        """Raise an error that names the missing feature."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise unsupported(f"Request.{name}", AttributeError)


def _pairs(encoded: str, keep_blank_values: bool) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values, max_num_fields=1000)
    except ValueError as error:
        raise PayloadError("too many fields") from error


def _by_name(pairs: list[tuple[str, str]]) -> Parameters:
    found = Parameters()
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
