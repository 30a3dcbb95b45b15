"""What of a request may be kept for people to look at: its shape, kinds and ids.

Everything else becomes as many `x`: secrets and proofs always, what users wrote and what they are
called unless it is asked for. What stays is named here, so that a field nobody thought of does not.
The redacted event is an event still: it can be sent again, and channels read the same ids from it.
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

#: In place of the addresses of callers (RFC 5737: an address for documentation).
NOBODY = "192.0.2.1"

_FORM = "application/x-www-form-urlencoded"

#: Names of fields whose value proves something, or opens something to whoever has it.
_SECRET = re.compile(
    r"token|secret|signature|passw|api_?key|jwt|credential|cookie|^authorization$|^sig$"
    r"|response_?url|^state$|bodysha256",
    re.IGNORECASE,
)

#: Names of fields that say what kind of event it is, and whose.
_SHAPE = re.compile(
    r"""(^|_)(id|ids|type|subtype|kind|status|ts|time|timestamp|hash|version|event)$
    | [a-z](Id|Ids|ID|Sid|Type|Kind|Status|Time|Timestamp|Version)$
    | ^(mid|rid|sid|tmid|channel|team|user|sender|recipient|object|field|resource
       |input_channel|user_ref|serviceUrl|locale|hub\.mode|hub\.challenge
       |From|To|WaId|NumMedia|Direction)$
    """,
    re.VERBOSE,
)

#: Names of things at Google, kinds of invokes: `spaces/AAA/messages/B.B`, `adaptiveCard/action`.
_RESOURCE = re.compile(r"[A-Za-z]+(/[\w.-]+)+")

#: What such a value looks like; a button's payload may stand where an id is expected.
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
    """A copy of an API Gateway event without secrets, and without texts unless `with_text`.

    Bodies are never in base64. A body that is neither JSON nor a form has no names to go by: it is
    kept only `with_text`, and only where it says that it is a text. Raises PayloadError for what is
    no event.
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
    """The request's surroundings, without where the caller is and who API Gateway takes it for."""
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
    """A form or a query string; a field may be JSON itself (Slack's `payload`)."""
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
    """A value of JSON; all that is in a secret is one, and what is in a list is of its name."""
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
    # A number with a fraction is a place, or a share: nobody is found by it but people.
    if isinstance(value, float) and not with_text:
        return 0.0
    return value


def _is_shape(name: str, value: str) -> bool:
    if name == "name":
        return bool(_RESOURCE.fullmatch(value))
    return bool(_SHAPE.search(name)) and bool(_ID.fullmatch(value))


def _covered(text: str) -> str:
    return "x" * len(text)
