"""Deliver the callback channel's messages: one POST each, retried until it is accepted.

    POST <url>
    webhook-id: <delivery id>                 the same for every attempt: drop duplicates by it
    webhook-timestamp: <seconds since 1970>   of this attempt
    webhook-signature: v1,<base64>            with `signing_secret`
    x-delivery-attempt: <number>              from 1

Id, timestamp and signature follow the Standard Webhooks specification (standardwebhooks.com):
HMAC-SHA256 over `<id>.<timestamp>.<body>`, keyed by the base64-decoded bytes after `whsec_`, or by
the secret's own text.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import random
import time
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from urllib3 import BaseHTTPResponse, HTTPHeaderDict, exceptions
from urllib3.util import parse_url

from channels.clients.addresses import ForbiddenAddress, public_addresses, resolve
from channels.clients.endpoint import read_endpoint
from channels.clients.http_pool import HttpPool
from channels.clients.retry_after import seconds_of
from channels.errors import CredentialsError
from channels.section import A_TEXT
from channels.telemetry.logs import add_fields
from channels.telemetry.metrics import SILENT
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.retry import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from urllib3.util import Url

    from channels.clients.addresses import Resolve
    from channels.clients.endpoint import Endpoint
    from channels.telemetry.metrics import Metrics
    from channels.turns.outcome import Outcome

logger = logging.getLogger(__name__)

CHANNEL = "callback"

#: The page that errors about a setting refer to.
_SEE = " (docs/channels/callback.md)"

#: An attempt has to end before the Lambda times out, after 60 seconds (seconds).
_LONGEST_TIMEOUT = 50.0

#: Statuses by which a receiver asks for another attempt, besides all from 500.
_AGAIN = (408, 425, 429)

#: How long and how many times to wait for the rest of a response (seconds).
_REST_WAIT = 1.0
_REST_READS = 4


class Target(NamedTuple):
    """Where and how to deliver; `array` wraps each message in a list, as Rasa documents it."""

    url: Url
    endpoint: Endpoint
    signing_key: bytes | None
    array: bool
    allow_private_addresses: bool
    timeout: float


class CallbackDelivery:
    """Delivers documents from the callback queue to one URL."""

    def __init__(
        self,
        target: Target,
        *,
        resolver: Resolve = resolve,
        now: Callable[[], float] = time.time,
        connections: HttpPool | None = None,
        metrics: Metrics = SILENT,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Deliver to `target`; `now()` is in seconds since 1970, `chance()` is from 0 to 1."""
        self._metrics = metrics
        self._target = target
        self._host = (target.url.host or "").strip("[]")
        self._resolve = resolver
        self._now = now
        self._chance = chance
        # Connections are made to an IP address, but the certificate is for the host name.
        self._connections = connections or HttpPool(
            target.endpoint.ssl_context, now, server_hostname=self._host
        )

    def deliver(self, body: str, attempt: int, first_received_at: float) -> Outcome:
        """Send one document from the queue.

        `attempt` counts its receives, from 1; `first_received_at` is in seconds since 1970. The
        caller calls `buried` of a DeadLetter once it is written.
        """
        try:
            document = json.loads(body)
            delivery_id, message = webhook_id(str(document["delivery_id"])), document["message"]
        except (ValueError, KeyError, TypeError):
            logger.error("callback: the queue's message is not a callback document")
            return self._dead("not a callback document")
        message_id = _message_id(str(document["delivery_id"]))
        add_fields(delivery_id=delivery_id, message_id=message_id, sender_id=_recipient(message))
        started = time.perf_counter()
        outcome = self._attempt(delivery_id, message, attempt, self._now() - first_received_at)
        self._count(outcome, (time.perf_counter() - started) * 1000)
        if isinstance(outcome, Done):
            logger.info("callback %s: delivered", delivery_id)
        elif isinstance(outcome, RetryLater):
            logger.warning("callback %s: attempt %d: %s", delivery_id, attempt, outcome.reason)
        else:
            logger.error("callback %s: given up: %s", delivery_id, outcome.reason)
            return self._dead(outcome.reason)
        return outcome

    def _dead(self, reason: str) -> DeadLetter:
        """A dead letter, counted once it is written."""
        return DeadLetter(reason, lambda: self._metrics.write(CHANNEL, DeadLetters=1))

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._connections.close()

    def _count(self, outcome: Outcome, milliseconds: float) -> None:
        is_done = isinstance(outcome, Done)
        self._metrics.write(
            CHANNEL,
            Delivered=int(is_done),
            SendMilliseconds=milliseconds if is_done else 0,
            Retries=int(isinstance(outcome, RetryLater)),
        )

    def _attempt(self, delivery_id: str, message: Any, attempt: int, waited: float) -> Outcome:
        payload = json.dumps([message] if self._target.array else message).encode()
        try:
            status, retry_after = self._post(self._headers(delivery_id, attempt, payload), payload)
        except ForbiddenAddress as error:
            return DeadLetter(f"{error}: set 'allow_private_addresses' to allow it")
        except (exceptions.HTTPError, OSError) as error:
            return CALLBACK.after(type(error).__name__, attempt, waited, self._chance())
        if 200 <= status < 300:
            return Done()
        if status >= 500 or status in _AGAIN:
            asked = seconds_of(retry_after, self._now())
            return CALLBACK.after(f"status {status}", attempt, waited, self._chance(), asked)
        return DeadLetter(f"status {status}")

    def _post(self, headers: HTTPHeaderDict, payload: bytes) -> tuple[int, str | None]:
        """Status and Retry-After from the first of the host's addresses that can be reached."""
        *others, last = self._addresses()
        for address in others:
            # If the connection was not established, nothing was sent.
            with contextlib.suppress(exceptions.NewConnectionError):
                return self._post_to(address, headers, payload)
        return self._post_to(last, headers, payload)

    def _addresses(self) -> list[str]:
        url = self._target.url
        port = url.port or (443 if url.scheme == "https" else 80)
        if self._target.allow_private_addresses:
            return self._resolve(self._host, port)
        return public_addresses(self._host, port, self._resolve)

    def _post_to(
        self, address: str, headers: HTTPHeaderDict, payload: bytes
    ) -> tuple[int, str | None]:
        timeout = self._target.timeout
        host = f"[{address}]" if ":" in address else address
        url = self._target.url._replace(host=host).url
        response = self._connections.post(
            url, payload, headers, timeout=timeout, connect_timeout=timeout
        )
        self._finish(response)
        return response.status, response.headers.get("retry-after")

    def _finish(self, response: BaseHTTPResponse) -> None:
        """Keep the connection if the response ends soon; only its status is needed."""
        with contextlib.suppress(exceptions.HTTPError, OSError):
            for _ in range(_REST_READS):
                if not self._connections.read(response, _REST_WAIT):
                    break
        self._connections.release(response)

    def _headers(self, delivery_id: str, attempt: int, payload: bytes) -> HTTPHeaderDict:
        target = self._target
        timestamp = str(int(self._now()))
        headers = HTTPHeaderDict(target.endpoint.headers)
        headers["Host"] = target.url.netloc or ""
        headers["Content-Type"] = "application/json"
        headers["webhook-id"] = delivery_id
        headers["webhook-timestamp"] = timestamp
        headers["x-delivery-attempt"] = str(attempt)
        if target.endpoint.basic_auth is not None:
            pair = b64encode(":".join(target.endpoint.basic_auth).encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        if target.signing_key is not None:
            signed = f"{delivery_id}.{timestamp}.".encode() + payload
            signature = hmac.digest(target.signing_key, signed, "sha256")
            headers["webhook-signature"] = f"v1,{b64encode(signature).decode()}"
        return headers


def _message_id(delivery_id: str) -> str:
    """The id of the message replied to (`callback`); "" if the bot sent it unprompted."""
    return "".join(delivery_id.rsplit(":", 2)[:-2])


def _recipient(message: Any) -> str:
    return str(message.get("recipient_id", "")) if isinstance(message, dict) else ""


def webhook_id(delivery_id: str) -> str:
    """A delivery id as a `webhook-id` header: letters, digits and `-_~:`, the rest as `%2E`.

    The client chooses its first half. The specification forbids full stops in it, which separate
    the signed parts, and a header must be a single line.
    """
    return quote(delivery_id, safe=":", errors="surrogatepass").replace(".", "%2E")


def read_target(credentials: dict[str, Any]) -> Target:
    """Read the section `callback`; raises CredentialsError naming an invalid setting."""
    endpoint = read_endpoint("callback", credentials)
    return Target(
        _url(credentials.get("url"), endpoint.params),
        endpoint,
        _signing_key(credentials.get("signing_secret")),
        _switch(credentials, "array"),
        _switch(credentials, "allow_private_addresses"),
        _timeout(endpoint.timeout or 10.0),
    )


def _url(url: object, params: dict[str, str]) -> Url:
    mend = "callback: 'url' must be an address such as https://example.com/bot" + _SEE
    try:
        parsed = parse_url(str(url or "").strip())
        (parsed.host or "").encode("idna")
    except (exceptions.LocationParseError, UnicodeError):
        raise CredentialsError(mend) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise CredentialsError(mend)
    if parsed.auth is not None:
        raise CredentialsError("callback: 'url' has a user name: move it to 'basic_auth'" + _SEE)
    query = "&".join(part for part in (parsed.query, urlencode(params)) if part)
    return parsed._replace(query=query or None, fragment=None)


def _signing_key(secret: object) -> bytes | None:
    if secret is None:
        return None
    if not isinstance(secret, str):
        raise CredentialsError(f"callback: 'signing_secret' {A_TEXT}{_SEE}")
    if not secret.strip():
        raise CredentialsError("callback: 'signing_secret' must be a non-empty text" + _SEE)
    text = secret.strip()
    if not text.startswith("whsec_"):
        return text.encode()
    try:
        key = b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise CredentialsError("callback: 'signing_secret' has no base64 after whsec_" + _SEE)
    return key


def _timeout(seconds: float) -> float:
    if seconds > _LONGEST_TIMEOUT:
        raise CredentialsError(
            f"callback: 'timeout' can be at most {_LONGEST_TIMEOUT:.0f} seconds" + _SEE
        )
    return seconds


def _switch(credentials: dict[str, Any], key: str) -> bool:
    value = credentials.get(key) or False
    if not isinstance(value, bool):
        raise CredentialsError(f"callback: '{key}' must be true or false" + _SEE)
    return value
