"""Redact a request so that people may look at it: only its shape, kinds and ids remain.

All other text is replaced by as many `x`: secrets and proofs always, users' texts and names unless
they are asked for. The lists below name what is kept, so a field that nobody thought of is
redacted. A redacted event is still a valid event: it can be sent again, and channels read the same
ids from it.
"""

from __future__ import annotations

import copy
import json
import re
from urllib.parse import parse_qsl, urlencode

from channels.errors import PayloadError
from channels.http.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Replaces callers' IP addresses (RFC 5737: an address for documentation).
NOBODY = "192.0.2.1"

_FORM = "application/x-www-form-urlencoded"

#: Names of fields whose value proves an identity or grants access to whoever has it.
_SECRET = re.compile(
    r"token|secret|signature|passw|api_?key|jwt|credential|cookie|^authorization$|^sig$"
    r"|response_?url|^state$|bodysha256",
    re.IGNORECASE,
)

#: Names of fields that tell the kind of an event, and whom it concerns.
_SHAPE = re.compile(
    r"""(^|_)(id|ids|type|subtype|kind|status|ts|time|timestamp|hash|version|event)$
    | [a-z](Id|Ids|ID|Sid|Type|Kind|Status|Time|Timestamp|Version)$
    | ^(mid|rid|sid|tmid|channel|team|user|sender|recipient|object|field|resource
       |input_channel|user_ref|serviceUrl|locale|hub\.mode|hub\.challenge
       |From|To|WaId|NumMedia|Direction)$
    """,
    re.VERBOSE,
)

#: Google's resource names and the names of invokes: `spaces/AAA/messages/B.B`,
#: `adaptiveCard/action`.
_RESOURCE = re.compile(r"[A-Za-z]+(/[\w.-]+)+")

#: The form of an id; a button's payload may stand in a field where an id is expected.
_ID = re.compile(r"[^/\s{}\"<>][^\s{}\"<>]{0,511}")

_HEADERS = frozenset(
    {
        "content-type",
        "content-length",
        "content-encoding",
        "user-agent",
        "host",
        "accept",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-slack-retry-num",
        "x-slack-retry-reason",
        "x-slack-request-timestamp",
        "x-twilio-webhooks-signature-settings",
        "i-twilio-idempotency-token",
    }
)


def redacted(event: dict[str, Any], *, with_text: bool = False) -> dict[str, Any]:
    """Return a copy of an API Gateway event without secrets, and without texts unless `with_text`.

    The body of the copy is never base64. A body that is neither JSON nor a form has no field names
    to decide by: it is kept only `with_text`, and only if its content type is text. Raises
    PayloadError if `event` is not an API Gateway event.
    """
    request = Request.from_event(event)
    kept = {
        key: copy.deepcopy(event[key])
        for key in ("version", "routeKey", "resource", "rawPath", "path", "httpMethod")
        if key in event
    }
    query = _encoded(request.query_string, with_text=with_text)
    headers = {name: _header(name, value) for name, value in request.headers.items()}
    return kept | {
        **({"rawQueryString": query} if "rawPath" in event else _query_of_rest_api(query)),
        "headers": headers,
        "requestContext": _context(event["requestContext"]),
        "pathParameters": request.path_parameters,
        "isBase64Encoded": False,
        "body": _body(request, with_text=with_text),
    }


def _query_of_rest_api(query: str) -> dict[str, Any]:
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {"multiValueQueryStringParameters": values or None}


def _header(name: str, value: str) -> str:
    if name == "x-forwarded-for":
        return NOBODY
    return value if name in _HEADERS else _covered(value)


def _context(context: dict[str, Any]) -> dict[str, Any]:
    """Return the request context without the caller's address and identity."""
    names = ("accountId", "apiId", "domainName", "domainPrefix", "requestId", "routeKey", "stage",
             "time", "timeEpoch", "path", "resourcePath", "httpMethod", "protocol")  # fmt: skip
    kept = {name: context[name] for name in names if name in context}
    if "http" in context:
        kept["http"] = {**context["http"], "sourceIp": NOBODY}
    if "identity" in context:
        kept["identity"] = {"sourceIp": NOBODY}
    return kept


def _body(request: Request, *, with_text: bool) -> str:
    if request.content_type == _FORM:
        return _encoded(request.body.decode("utf-8", "replace"), with_text=with_text)
    try:
        document = request.json if request.body else None
    except PayloadError:
        text = request.body.decode("utf-8", "replace")
        is_text = request.content_type.startswith("text/")
        return text if with_text and is_text else _covered(text)
    if not request.body:
        return ""
    return json.dumps(_value("", document, with_text=with_text), ensure_ascii=False)


def _encoded(encoded: str, *, with_text: bool) -> str:
    """Redact a form or a query string; a field may itself be JSON (Slack's `payload`)."""
    pairs = parse_qsl(encoded, keep_blank_values=True, errors="replace")
    return urlencode([(name, _field(name, value, with_text=with_text)) for name, value in pairs])


def _field(name: str, value: str, *, with_text: bool) -> str:
    if value.startswith(("{", "[")) and not _SECRET.search(name):
        try:
            document = json.loads(value)
        except (ValueError, RecursionError):
            return _covered(value)
        return json.dumps(_value("", document, with_text=with_text), ensure_ascii=False)
    found: str = _value(name, value, with_text=with_text)
    return found


def _value(name: str, value: Any, *, with_text: bool, secret: bool = False) -> Any:
    """Redact a JSON value.

    A secret's contents are secret too, and list items take the list's name.
    """
    secret = secret or bool(_SECRET.search(name))
    if isinstance(value, dict):
        return {
            key: _value(key, each, with_text=with_text, secret=secret)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_value(name, each, with_text=with_text, secret=secret) for each in value]
    if isinstance(value, str):
        return value if not secret and (with_text or _is_shape(name, value)) else _covered(value)
    # A fractional number may be a location: it identifies people, and no code needs it as an id.
    if isinstance(value, float) and not with_text:
        return 0.0
    return value


def _is_shape(name: str, value: str) -> bool:
    if name == "name":
        return bool(_RESOURCE.fullmatch(value))
    return bool(_SHAPE.search(name)) and bool(_ID.fullmatch(value))


def _covered(text: str) -> str:
    return "x" * len(text)
