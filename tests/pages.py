"""Answers that are not the platform's: of proxies, firewalls, captive portals and gateways."""

from __future__ import annotations

import json
from typing import Any

_HTML = b"<!DOCTYPE html>\n<html><head><title>Blocked</title></head><body>Not now.</body></html>"
_AS_HTML = {"content-type": "text/html; charset=utf-8"}
_AS_JSON = {"content-type": "application/json"}
_AS_TEXT = {"content-type": "text/plain"}

type Page = tuple[int, bytes, dict[str, str]]


def _html(status: int, **headers: str) -> Page:
    return status, _HTML, {**_AS_HTML, **headers}


def _json(status: int, document: Any) -> Page:
    return status, json.dumps(document).encode(), _AS_JSON


#: By what they are. Whoever calls a platform and gets one of these has not reached it.
PAGES: dict[str, Page] = {
    "a captive portal": _html(200),
    "a page that says it is JSON": (200, _HTML, _AS_JSON),
    "a page of another's making": _html(203),
    "a page in no encoding": (200, b"\xff\xfe<\x00h\x00", _AS_HTML),
    "a login elsewhere": (302, b"", {"location": "http://portal.example/login"}),
    "a login elsewhere, with a page": _html(302, location="http://portal.example/login"),
    "moved for good": _html(301, location="https://elsewhere.example/"),
    "moved for now": (307, b"", {"location": "https://elsewhere.example/"}),
    **{f"a page of {status}": _html(status) for status in (400, 401, 403, 404, 405, 407, 408)},
    **{f"a page of {status}": _html(status) for status in (410, 411, 415, 422, 425, 451)},
    **{f"an empty {status}": (status, b"", {}) for status in (400, 401, 403, 404)},
    "a service mesh": (403, b"RBAC: access denied", _AS_TEXT),
    "a content delivery network": (403, b"error code: 1020", _AS_TEXT),
    "AWS's API gateway": _json(403, {"message": "Forbidden"}),
    "AWS's API gateway, no authorization": _json(401, {"message": "Unauthorized"}),
    "Azure's API gateway": _json(401, {"statusCode": 401, "message": "Access denied"}),
    "Kong": _json(404, {"message": "no Route matched with those values", "request_id": "r1"}),
    "Apigee": _json(404, {"fault": {"faultstring": "x", "detail": {"errorcode": "y"}}}),
    "a web framework": _json(404, {"status": 404, "error": "Not Found", "path": "/"}),
    "a proxy that speaks JSON": _json(403, {"error": "Forbidden"}),
    "a proxy that asks for a login": _json(401, {"error": "unauthorized"}),
    "a maintenance page in JSON": _json(200, {"status": "maintenance"}),
    "a list": _json(200, []),
    "a number": _json(200, 1),
    "a text": _json(200, "welcome"),
    "nothing": _json(200, None),
    "JSON without an end": (200, b"[" * 100_000, _AS_JSON),
}

#: What other servers say in JSON, in the words of some platform or other. Whoever calls a platform
#: that never says so has not reached it.
IMPOSTORS: dict[str, Page] = {
    **{f"nothing {status}": (status, b"", {}) for status in (200, 201, 203, 206, 226)},
    **{f"{{}} {status}": _json(status, {}) for status in (200, 201, 203, 206, 226)},
    "ok": _json(200, {"ok": True}),
    "ok, and a result": _json(200, {"ok": True, "result": "up"}),
    "ok, as a text": (200, b"ok", _AS_TEXT),
    "OK, as a text": (200, b"OK", _AS_TEXT),
    "not ok": _json(200, {"ok": False}),
    "not ok, 403": _json(403, {"ok": False}),
    "not ok, with a word": _json(403, {"ok": False, "error": "blocked"}),
    "status OK": _json(200, {"status": "OK"}),
    "status success": _json(200, {"status": "success"}),
    "status error": _json(403, {"status": "error", "message": "blocked by policy"}),
    "success": _json(200, {"success": True}),
    "success, with a message": _json(200, {"success": True, "message": "Welcome"}),
    "no success": _json(200, {"success": False}),
    "Cloudflare": _json(
        403,
        {
            "success": False,
            "errors": [{"code": 1020, "message": "Access denied"}],
            "messages": [],
            "result": None,
        },
    ),
    "no success, with a message": _json(403, {"success": False, "message": "Access denied"}),
    "an id": _json(200, {"id": "x"}),
    "an id that is a number": _json(200, {"id": 5}),
    "an id that is null": _json(200, {"id": None}),
    "an id without an end": (200, b'{"id":' + b"[" * 100_000, _AS_JSON),
    "a sid": _json(200, {"sid": "session123"}),
    "a name": _json(200, {"name": "gateway", "version": "1.2"}),
    "a gateway": _json(404, {"code": 404, "message": "page not found"}),
    "a gateway, 403": _json(403, {"code": 403, "message": "Forbidden"}),
    "a gateway, 401": _json(401, {"code": 401, "message": "Unauthorized"}),
    "a gateway, with a status": _json(403, {"code": 403, "message": "no", "status": 403}),
    "a code that is no number": _json(403, {"code": True, "message": "no"}),
    "an error": _json(403, {"error": "x"}),
    "an error, with a code": _json(403, {"error": "x", "x": 1}),
    "an error code": _json(403, {"errorCode": 1, "message": "blocked"}),
    "an error in an error": _json(403, {"error": {"code": 403, "message": "Forbidden"}}),
    "Azure": _json(404, {"error": {"code": "ResourceNotFound", "message": "not found"}}),
    "Graph's like": _json(400, {"error": {"code": 1, "type": "proxy"}}),
    "Graph's like, 200": _json(200, {"error": {"code": 403, "type": "blocked"}}),
    "an error with an id": _json(403, {"id": "fw", "message": "blocked", "status_code": 403}),
    "an error with a list": _json(403, {"message": "Forbidden", "errors": []}),
    "an error to track": _json(403, {"message": "Forbidden", "trackingId": "fw-1"}),
    "a problem": _json(403, {"type": "about:blank", "title": "Forbidden", "status": 403}),
    "Spring": _json(404, {"status": 404, "error": "Not Found", "message": "No message"}),
}

#: Pages that the status alone says enough of: asked for patience, and down.
BUSY = {
    "a page of 429": _html(429),
    "an empty 429": (429, b"", {"retry-after": "7"}),
    "JSON without an end": (429, b"[" * 100_000, _AS_JSON),
    "JSON within JSON without an end": (429, b'{"parameters":' * 50_000, _AS_JSON),
    "JSON of another kind": _json(429, {"parameters": [], "error": {"retry_after": "x"}}),
}
DOWN = {f"a page of {status}": _html(status) for status in (500, 502, 503, 504, 521)}
