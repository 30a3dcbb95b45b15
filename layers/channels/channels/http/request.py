"""HTTP requests with Sanic's attribute names, built from API Gateway events."""

from __future__ import annotations

import base64
import json
from functools import cached_property
from urllib.parse import parse_qs, urlencode

from channels.errors import PayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NoReturn


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_refuse_constant)
_UNSET = object()

#: The UTF-8 byte order mark, which some clients send before JSON.
_BOM = b"\xef\xbb\xbf"


class Headers(dict[str, str]):
    """Header values by lower-case name; lookups ignore case."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a header's value, or `default` if it was not sent."""
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        """Return a header's value; raise KeyError if it was not sent."""
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        """Return whether the header was sent."""
        return isinstance(name, str) and super().__contains__(name.lower())


class Parameters(dict[str, list[str]]):
    """Values by name, in the order sent; `get` returns the first one, as in Sanic."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the first value, or `default` if there is none."""
        values = super().get(name)
        return values[0] if values else default

    def getlist(self, name: str) -> list[str]:
        """Return all values, an empty list if there are none."""
        return super().get(name) or []


class Request:
    """One HTTP request; `json`, `form` and `args` are parsed on first use."""

    def __init__(  # noqa: PLR0913 - the parts of a request
        self,
        method: str = "GET",
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        query_string: str = "",
        ip: str = "",
        path_parameters: dict[str, str] | None = None,
        *,
        base_url: str = "",
    ) -> None:
        """Take the request's parts; `body` is the exact bytes that signatures cover.

        `path_parameters` are the decoded values of the route's `{name}`s. `base_url` is the part
        before `/webhooks/` of the address that the caller used, as far as it is known.
        """
        self.method = method.upper()
        self.path = path
        self.headers = Headers({key.lower(): value for key, value in (headers or {}).items()})
        self.body = body
        self.query_string = query_string
        self.ip = ip
        self.path_parameters = path_parameters or {}
        self.base_url = base_url
        self._json: Any = _UNSET

    @classmethod
    def from_event(cls, event: Any, public_base_url: str = "") -> Request:
        """Build the request of an API Gateway event, format 2.0 (HTTP API) or 1.0 (REST API).

        `public_base_url` is the address of a domain or tunnel in front of API Gateway, which the
        event does not contain. `Host` and `Forwarded` headers are not trusted: anybody can set
        them. Raises PayloadError if the event is anything else or its base64 body is invalid.
        """
        try:
            body = event.get("body") or ""
            raw = (
                base64.b64decode(body, validate=True)
                if event.get("isBase64Encoded")
                else body.encode("utf-8", "surrogatepass")
            )
            make = cls._of_http_api if "rawPath" in event else cls._of_rest
            request = make(event, raw)
            request.path_parameters = dict(event.get("pathParameters") or {})
            request.base_url = public_base_url or _base_url(event["requestContext"], request.path)
            return request
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PayloadError("not an API Gateway event of an HTTP request") from error

    @classmethod
    def _of_http_api(cls, event: dict[str, Any], body: bytes) -> Request:
        http = event["requestContext"]["http"]
        headers = dict(event.get("headers") or {})
        if event.get("cookies"):
            headers["cookie"] = "; ".join(event["cookies"])
        query = event.get("rawQueryString") or ""
        return cls(http["method"], event["rawPath"], headers, body, query, http.get("sourceIp", ""))

    @classmethod
    def _of_rest(cls, event: dict[str, Any], body: bytes) -> Request:
        identity = event["requestContext"].get("identity") or {}
        query = urlencode(event.get("multiValueQueryStringParameters") or {}, doseq=True)
        headers = event.get("headers") or {}
        source_ip = identity.get("sourceIp", "")
        return cls(event["httpMethod"], event["path"], headers, body, query, source_ip)

    @property
    def url(self) -> str:
        """The full address that the caller used, with the query string as it was written.

        Twilio signs this address. An event of a REST API has lost the query string's order and
        escapes.
        """
        _, webhooks, below = self.path.partition("/webhooks/")
        url = f"{self.base_url}{webhooks}{below}" if webhooks else f"{self.base_url}{self.path}"
        return f"{url}?{self.query_string}" if self.query_string else url

    @cached_property
    def content_type(self) -> str:
        """The media type of the body in lower case, without parameters such as `charset`."""
        content_type: str = self.headers.get("content-type", "")
        return content_type.partition(";")[0].strip().lower()

    @property
    def token(self) -> str | None:
        """The credentials of the Authorization header, without the scheme (`Bearer`, `Token`)."""
        scheme, _, token = self.headers.get("authorization", "").strip().partition(" ")
        return token.strip() or scheme or None

    @property
    def json(self) -> Any:
        """The body as JSON, whatever its content type; raises PayloadError if it is not JSON."""
        if self._json is _UNSET:
            self._json = _parse_json(self.body)
        return self._json

    @property
    def form(self) -> Parameters:
        """The fields of an `application/x-www-form-urlencoded` body, including blank ones."""
        return _parse_parameters(self.body.decode("utf-8", "replace"))

    @property
    def args(self) -> Parameters:
        """The parameters of the query string."""
        return _parse_parameters(self.query_string)


def bool_arg(request: Request, name: str, default: bool = True) -> bool:
    """Return whether a query parameter is `true`, in any case (Rasa's `bool_arg`)."""
    value: object = request.args.get(name, str(default))
    return str(value).lower() == "true"


def _base_url(context: dict[str, Any], path: str) -> str:
    """Return the address of API Gateway itself, with its stage (a REST API's `path` has none)."""
    before, webhooks, _ = context.get("path", path).partition("/webhooks/")
    return f"https://{context.get('domainName', '')}{before if webhooks else ''}"


def _parse_json(body: bytes) -> Any:
    try:
        value = _JSON.decode(body.removeprefix(_BOM).decode())
    except (ValueError, RecursionError) as error:
        raise PayloadError("Failed when parsing body as json") from error
    if b"\\ud" in body or b"\\uD" in body:
        # A lone surrogate is legal in JSON's escapes but cannot be encoded as text: if it were not
        # replaced, sending the text on would fail.
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _parse_parameters(encoded: str) -> Parameters:
    try:
        return Parameters(parse_qs(encoded, keep_blank_values=True, max_num_fields=1000))
    except ValueError as error:
        raise PayloadError("too many form fields") from error
