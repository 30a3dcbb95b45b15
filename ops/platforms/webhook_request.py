"""A webhook's request as it is sent again: read from an API Gateway event, changed, posted.

What API Gateway and the network had added (`host`, `x-forwarded-*`, lengths) is left out: the way
to the stack adds its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

import requests

from channels.errors import PayloadError
from channels.http.paths import split_path
from channels.http.request import Request
from ops.failure import Failure

#: API Gateway gives up on a function after 30 seconds.
_TIMEOUT = 35.0

_ADDED_ON_THE_WAY = re.compile(
    r"host|connection|content-length|transfer-encoding|accept-encoding|via|forwarded"
    r"|x-forwarded-.*|x-amzn-.*|x-real-ip"
)
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class WebhookRequest:
    """One request; `path` begins with `/webhooks/`, header names are in lower case."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def from_event(cls, event: Any) -> Self:
        """The request of an API Gateway event; raises Failure for what is none, or no webhook's."""
        if isinstance(event, dict) and "connectionId" in (event.get("requestContext") or {}):
            raise Failure(
                "This event came over a WebSocket: it is a frame, not a request",
                "Connect a client to the stack's WebSocket URL (`make shell` and /webchat are "
                "clients too), and send the event's body as a frame.",
                [f"frame: {event.get('body')}"] if event.get("body") else [],
            )
        try:
            request = Request.from_event(event)
        except PayloadError as error:
            raise Failure(
                "This is no API Gateway event of an HTTP request",
                "Take one of events/, or one that `python -m ops capture save` wrote.",
            ) from error
        _, webhooks, below = request.path.partition("/webhooks/")
        if not webhooks:
            raise Failure(
                f"The event's path, {request.path}, is no webhook's",
                "A webhook's is /webhooks/<channel>/webhook.",
            )
        return cls(
            request.method,
            f"/webhooks/{below}",
            request.query_string,
            {k: v for k, v in request.headers.items() if not _ADDED_ON_THE_WAY.fullmatch(k)},
            request.body,
        )

    @property
    def channel(self) -> str:
        """The channel's name, as it stands in the path."""
        return split_path(self.path)[0]

    @property
    def has_form(self) -> bool:
        """Whether the body is a form."""
        return self.read().content_type == _FORM

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form, or of the query string of a GET; the last of each name."""
        encoded = self.query_string if self.method == "GET" else self.body.decode("utf-8")
        return dict(parse_qsl(encoded, keep_blank_values=True, errors="surrogateescape"))

    @property
    def document(self) -> dict[str, Any] | None:
        """The body as a JSON object, None when it is none."""
        try:
            document = self.read().json
        except PayloadError:
            return None
        return document if isinstance(document, dict) else None

    def with_form(self, fields: dict[str, str]) -> Self:
        """The same with these fields."""
        encoded = urlencode(fields, errors="surrogateescape")
        if self.method == "GET":
            return replace(self, query_string=encoded)
        return replace(self, body=encoded.encode())

    def with_document(self, document: Any) -> Self:
        """The same with another JSON body."""
        return replace(self, body=json.dumps(document, ensure_ascii=False).encode())

    def with_headers(self, **headers: str) -> Self:
        """The same with these headers, `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    def read(self, base_url: str = "") -> Request:
        """What a connector makes of it, under the address that begins with `base_url`."""
        return Request(
            self.method, self.path, self.headers, self.body, self.query_string, base_url=base_url
        )

    def send(self, base_url: str, *, is_local: bool) -> requests.Response:
        """Send it to the stack at `base_url`; raises Failure when that does not answer.

        A redirect is an answer too, and is not followed.
        """
        query = f"?{self.query_string}" if self.query_string else ""
        with requests.Session() as session:
            session.trust_env = not is_local  # no proxy leads to this machine
            try:
                return session.request(
                    self.method,
                    f"{base_url.rstrip('/')}{self.path}{query}",
                    data=self.body or None,
                    headers=self.headers,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise Failure(
                    f"{base_url} does not answer: {type(error).__name__}",
                    "Is the stack there (`make up`), and the address right?",
                ) from error
