"""What a platform's own answers look like; pure.

A proxy, a firewall, a login page or a maintenance page answers in a platform's place, with whatever
status: none of these says that a message was taken or refused. Each platform names the form of its
successes and of its errors, and its client (`platform_api`) takes nothing else for its word:

    OWN = AnswerForm("Slack", success=({"ok": bool},), error=({"ok": bool},), setting="api_base")

A form is one or more shapes. A mapping is the shape of a JSON object that has at least these keys,
each with a value of a type (`object` is any), of a shape, or with that very value; a pattern is the
shape of a whole text, without the white space around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

type Shape = Mapping[str, Any] | re.Pattern[str]

#: No body, which some platforms succeed with.
EMPTY = re.compile("")

_NO_PAGE = re.compile(r"(?!<(?:!doctype\s+html|html|head|body)\b).*", re.I | re.S)

#: Errors that a token endpoint may name without a description (RFC 6749, 5.2).
_TOKEN_ERRORS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)


class AnswerForm(NamedTuple):
    """The answers of one platform's API.

    `platform` is its name; `success` are the shapes of its answers of status 2xx, `error` those of
    4xx; `setting` is the key of credentials.yml that holds its address, "" where none does. No
    platform redirects its API.
    """

    platform: str
    success: tuple[Shape, ...]
    error: tuple[Shape, ...]
    setting: str = ""

    def is_own(self, status: int, body: bytes) -> bool:
        """Whether an answer is the platform's."""
        if not (200 <= status < 300 or 400 <= status < 500):
            return False
        shapes = self.success if status < 300 else self.error
        text = body.decode("utf-8", "replace").strip()
        document = json_of(body)
        return any(_fits(shape, text, document) for shape in shapes)

    def foreign(self, status: int) -> str:
        """What to say of an answer that is not the platform's; no part of its body."""
        elsewhere = f", or does '{self.setting}' lead elsewhere" if self.setting else ""
        return (
            f"status {status}, but no answer of {self.platform}'s: does something in between "
            f"answer, such as a proxy or a maintenance page{elsewhere}?"
        )


#: For a platform of which nothing is known: everything but a web page.
NO_PAGE = AnswerForm("the platform", success=(_NO_PAGE,), error=(_NO_PAGE,))


def token_answers(platform: str, setting: str) -> AnswerForm:
    """The answers of a platform's OAuth 2.0 token endpoint (RFC 6749, 5.1 and 5.2)."""
    named = tuple({"error": error} for error in _TOKEN_ERRORS)
    described = {"error": str, "error_description": str}
    return AnswerForm(platform, ({"access_token": str},), (described, *named), setting)


def json_of(body: bytes | str) -> Any:
    """A body as JSON, None when it is not."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _fits(shape: Shape, text: str, document: Any) -> bool:
    if isinstance(shape, re.Pattern):
        return shape.fullmatch(text) is not None
    return _is_like(document, shape)


def _is_like(value: Any, expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return isinstance(value, dict) and all(
            key in value and _is_like(value[key], each) for key, each in expected.items()
        )
    return isinstance(value, expected) if isinstance(expected, type) else value == expected
