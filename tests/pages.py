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
    **{f"a page of {status}": _html(status) for status in (410, 422, 425, 451)},
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

#: Pages that the status alone says enough of: asked for patience, and down.
BUSY = {"a page of 429": _html(429), "an empty 429": (429, b"", {"retry-after": "7"})}
DOWN = {f"a page of {status}": _html(status) for status in (500, 502, 503, 504, 521)}
