"""The shape of a platform's own API responses; pure.

A proxy, a firewall, a login page or a maintenance page may respond in the platform's place, with
any status. Such a response does not show whether a message was accepted or refused. Each platform
therefore declares the shape of its successes and of its errors, and its client (`platform_api`)
trusts no other response:

    POSTED = AnswerForm(
        "Slack",
        success=({"ok": True, "ts": re.compile("[0-9]+[.][0-9]+")},),
        error=({"ok": False, "error": str},),
        setting="api_base",
    )

A form consists of one or more shapes. A mapping describes a JSON object that has at least these
keys; each value is matched by a type (`object` matches any), by a pattern for a whole string, by a
nested mapping, by a list of one shape for a list with only such items and at least one, or
literally. A pattern describes the whole text, without surrounding white space. `Only` limits a
shape to some statuses.

A shape is as wide as the platform's recorded responses and no wider: other servers speak JSON, too,
and `{"ok": true}` or `{"code": 404, "message": "..."}` could be anyone's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple


class Only(NamedTuple):
    """A shape that counts with these statuses only."""

    statuses: tuple[int, ...]
    shape: Mapping[str, Any] | re.Pattern[str]


type Shape = Mapping[str, Any] | re.Pattern[str] | Only

#: An empty body, which some platforms return on success.
EMPTY = re.compile("")

_NO_PAGE = re.compile(r"(?!<(?:!doctype\s+html|html|head|body)\b).*", re.I | re.S)

#: Errors that a token endpoint may return without a description (RFC 6749, 5.2).
_TOKEN_ERRORS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)


class AnswerForm(NamedTuple):
    """The shape of one platform's API responses.

    `platform` is the platform's name. `success` holds the shapes of its 2xx responses, `error`
    those of its 4xx responses. Calls with different responses have a form each. `setting` is the
    key of credentials.yml that holds the API's address, or "". Redirects never match: no platform
    redirects its API.
    """

    platform: str
    success: tuple[Shape, ...]
    error: tuple[Shape, ...]
    setting: str = ""

    def is_own(self, status: int, body: bytes) -> bool:
        """Return whether a response comes from the platform itself."""
        if not (200 <= status < 300 or 400 <= status < 500):
            return False
        shapes = self.success if status < 300 else self.error
        text = body.decode("utf-8", "replace").strip()
        document = json_of(body)
        return any(_fits(shape, status, text, document) for shape in shapes)

    def foreign(self, status: int) -> str:
        """Describe a response that is not the platform's, without quoting its body."""
        elsewhere = f", or does '{self.setting}' point elsewhere" if self.setting else ""
        return (
            f"status {status}, but not a response from {self.platform}: does a proxy or a "
            f"maintenance page respond in its place{elsewhere}?"
        )


#: For a platform whose responses are not known: anything but a web page.
NO_PAGE = AnswerForm("the platform", success=(_NO_PAGE,), error=(_NO_PAGE,))


def token_answers(platform: str, setting: str) -> AnswerForm:
    """Return the form of an OAuth 2.0 token endpoint's responses (RFC 6749, 5.1 and 5.2)."""
    named = tuple({"error": error} for error in _TOKEN_ERRORS)
    described = {"error": str, "error_description": str}
    return AnswerForm(platform, ({"access_token": str},), (described, *named), setting)


def json_of(body: bytes | str) -> Any:
    """Parse a body as JSON; return None if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _fits(shape: Shape, status: int, text: str, document: Any) -> bool:
    if isinstance(shape, Only):
        return status in shape.statuses and _fits(shape.shape, status, text, document)
    if isinstance(shape, re.Pattern):
        return shape.fullmatch(text) is not None
    return _is_like(document, shape)


def _is_like(value: Any, expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return isinstance(value, dict) and all(
            key in value and _is_like(value[key], each) for key, each in expected.items()
        )
    if isinstance(expected, list):
        [item] = expected
        return isinstance(value, list) and bool(value) and all(_is_like(v, item) for v in value)
    if isinstance(expected, re.Pattern):
        return isinstance(value, str) and expected.fullmatch(value) is not None
    if isinstance(expected, type):
        # JSON's true is no number.
        return isinstance(value, expected) and (expected is not int or not isinstance(value, bool))
    return type(value) is type(expected) and bool(value == expected)
