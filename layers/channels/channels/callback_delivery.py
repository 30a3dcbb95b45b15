"""Delivery of the callback channel's messages: one POST each, again until it is taken.

    POST <url>
    webhook-id: <delivery id>                 the same however often it is sent: drop what you have
    webhook-timestamp: <seconds since 1970>
    webhook-signature: v1,<base64>            with `signing_secret`

Id, time and signature are those of the Standard Webhooks specification (standardwebhooks.com):
HMAC-SHA256 over `<id>.<timestamp>.<body>`, its key the bytes after `whsec_` in base64, or the text
itself.
"""

from __future__ import annotations

import binascii
import hmac
import json
import logging
import time
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from urllib3 import HTTPHeaderDict, PoolManager, Timeout, exceptions
from urllib3.util import parse_url

from channels.addresses import ForbiddenAddress, public_address, resolve
from channels.endpoint import read_endpoint
from channels.errors import CredentialsError
from channels.http_dates import seconds_of
from channels.outcome import DeadLetter, Done, RetryLater

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from urllib3.util import Url

    from channels.addresses import Resolve
    from channels.endpoint import Endpoint
    from channels.outcome import Outcome

logger = logging.getLogger(__name__)

_OURS = ("url", "signing_secret", "array", "allow_private_addresses", "jwt_key", "jwt_method")

#: A message is given up on after this time (seconds).
GIVE_UP_AFTER = 86_400.0

#: Longest pause between two attempts, unless the receiver asks for more (seconds).
_LONGEST_DELAY = 300.0

#: Statuses by which a receiver asks for another attempt, beside all from 500.
_AGAIN = (408, 425, 429)


class Target(NamedTuple):
    """Where messages go, and how; `array` wraps each in a list, as Rasa's documentation has it."""

    url: Url
    endpoint: Endpoint
    signing_key: bytes | None
    array: bool
    allow_private_addresses: bool
    timeout: float


class CallbackDelivery:
    """Delivers documents of the callback queue to one URL."""

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any]) -> CallbackDelivery:
        """Make it of the section `callback`; CredentialsError names the setting that is wrong."""
        return cls(read_target(credentials))

    def __init__(
        self,
        target: Target,
        *,
        resolver: Resolve = resolve,
        now: Callable[[], float] = time.time,
        pool: PoolManager | None = None,
    ) -> None:
        """Deliver to `target`; `now()` is in seconds since 1970, `pool` makes the connections."""
        self._target = target
        self._resolve = resolver
        self._now = now
        host = target.url.host or ""
        # urllib3 logs request lines, with the token in their query, below these levels.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
        # The connection goes to an address; the certificate is the host's.
        secure = {"server_hostname": host, "assert_hostname": host}
        options: dict[str, Any] = secure if target.url.scheme == "https" else {}
        self._pool = pool or PoolManager(ssl_context=target.endpoint.ssl_context, **options)

    def deliver(self, body: str, attempt: int, queued_at: float) -> Outcome:
        """Send one document of the queue; `attempt` counts from 1, `queued_at` is in seconds."""
        try:
            document = json.loads(body)
            delivery_id, message = str(document["delivery_id"]), document["message"]
        except (ValueError, KeyError, TypeError):
            return DeadLetter("not a callback document")
        outcome = self._attempt(delivery_id, message, attempt)
        if isinstance(outcome, RetryLater) and self._now() - queued_at > GIVE_UP_AFTER:
            outcome = DeadLetter(outcome.reason)
        if isinstance(outcome, Done):
            logger.info("callback %s: delivered", delivery_id)
        else:
            logger.warning("callback %s: attempt %d: %s", delivery_id, attempt, outcome.reason)
        return outcome

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.clear()

    def _attempt(self, delivery_id: str, message: Any, attempt: int) -> Outcome:
        delay = min(2.0 ** min(attempt - 1, 30), _LONGEST_DELAY)
        payload = json.dumps([message] if self._target.array else message).encode()
        try:
            status, retry_after = self._post(delivery_id, payload)
        except ForbiddenAddress as error:
            return DeadLetter(f"{error}: set 'allow_private_addresses' if it is meant")
        except (exceptions.HTTPError, OSError) as error:
            return RetryLater(delay, type(error).__name__)
        if 200 <= status < 300:
            return Done()
        if status >= 500 or status in _AGAIN:
            asked = seconds_of(retry_after, self._now())
            return RetryLater(delay if asked is None else asked, f"status {status}")
        return DeadLetter(f"status {status}")

    def _post(self, delivery_id: str, payload: bytes) -> tuple[int, str | None]:
        target = self._target
        url = target.url
        host, port = url.host or "", url.port or (443 if url.scheme == "https" else 80)
        address = host
        if not target.allow_private_addresses:
            address = public_address(host.strip("[]"), port, self._resolve)
        response = self._pool.urlopen(
            "POST",
            url._replace(host=f"[{address}]" if ":" in address.strip("[]") else address).url,
            body=payload,
            headers=self._headers(delivery_id, payload),
            timeout=Timeout(total=target.timeout),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            return response.status, response.headers.get("retry-after")
        finally:
            response.drain_conn()
            response.release_conn()

    def _headers(self, delivery_id: str, payload: bytes) -> HTTPHeaderDict:
        target = self._target
        timestamp = str(int(self._now()))
        headers = HTTPHeaderDict(target.endpoint.headers)
        headers["Host"] = target.url.netloc or ""
        headers["Content-Type"] = "application/json"
        headers["webhook-id"] = delivery_id.encode("ascii", "backslashreplace").decode()
        headers["webhook-timestamp"] = timestamp
        if target.endpoint.basic_auth is not None:
            pair = b64encode(":".join(target.endpoint.basic_auth).encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        if target.signing_key is not None:
            signed = f"{headers['webhook-id']}.{timestamp}.".encode() + payload
            signature = hmac.digest(target.signing_key, signed, "sha256")
            headers["webhook-signature"] = f"v1,{b64encode(signature).decode()}"
        return headers


def read_target(credentials: dict[str, Any]) -> Target:
    """The settings of the section `callback`; CredentialsError names the one that is wrong."""
    shared = {key: value for key, value in credentials.items() if key not in _OURS}
    endpoint = read_endpoint("callback", shared)
    return Target(
        _url(credentials.get("url"), endpoint.params),
        endpoint,
        _signing_key(credentials.get("signing_secret")),
        _switch(credentials, "array"),
        _switch(credentials, "allow_private_addresses"),
        endpoint.timeout or 10.0,
    )


def _url(url: object, params: dict[str, str]) -> Url:
    mend = "callback: 'url' must be an address such as https://example.com/bot"
    try:
        parsed = parse_url(str(url or "").strip())
    except exceptions.LocationParseError:
        raise CredentialsError(mend) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise CredentialsError(mend)
    if parsed.auth is not None:
        raise CredentialsError("callback: 'url' holds a user name: move it to 'basic_auth'")
    query = "&".join(part for part in (parsed.query, urlencode(params)) if part)
    return parsed._replace(query=query or None, fragment=None)


def _signing_key(secret: object) -> bytes | None:
    if secret is None:
        return None
    if not isinstance(secret, str) or not secret.strip():
        raise CredentialsError("callback: 'signing_secret' must be a text that is not empty")
    encoded = secret.strip().removeprefix("whsec_")
    if encoded == secret.strip():
        return encoded.encode()
    try:
        return b64decode(encoded, validate=True)
    except binascii.Error:
        raise CredentialsError("callback: 'signing_secret' has no base64 after whsec_") from None


def _switch(credentials: dict[str, Any], key: str) -> bool:
    value = credentials.get(key) or False
    if not isinstance(value, bool):
        raise CredentialsError(f"callback: '{key}' must be true or false")
    return value
