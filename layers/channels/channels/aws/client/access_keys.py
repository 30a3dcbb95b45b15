"""The access key that a Lambda signs with, from its environment or its container.

Source: AWS SDKs and Tools Reference Guide, "Container credential provider". Functions with
SnapStart get their key from the container, since a snapshot outlives any key in the environment.
"""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

from channels.aws.client.signing import Credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: A key from the container is fetched again this long before it expires (seconds).
_MARGIN = 300.0
_TIMEOUT = 2.0  # seconds; the endpoint is on the same host


class NoAccessKey(Exception):
    """There is no access key, or the container returned none; the text contains no key."""


class AccessKeys:
    """The key to sign with, fetched again before it expires."""

    def __init__(self, environment: Mapping[str, str], now: Callable[[], float]) -> None:
        """Read the environment on the first request; `now()` is in seconds since 1970."""
        self._environment = environment
        self._now = now
        self._key: Credentials | None = None
        self._expires = float("inf")

    def current(self) -> Credentials:
        """Return the key that is valid now; raise NoAccessKey if there is none."""
        if self._key is None or self._now() > self._expires - _MARGIN:
            self._key, self._expires = self._read()
        return self._key

    def _read(self) -> tuple[Credentials, float]:
        get = self._environment.get
        access_key, secret_key = get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY")
        if access_key and secret_key:
            token = get("AWS_SESSION_TOKEN", "")
            return Credentials(access_key, secret_key, token), float("inf")
        url = get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if not url:
            raise NoAccessKey(
                "the environment has neither AWS_ACCESS_KEY_ID nor the URL of a container's key"
            )
        try:
            return _key_of(_fetched(url, get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")))
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            raise NoAccessKey(f"the container returned no key: {type(error).__name__}") from None


def _fetched(url: str, token: str) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", parts.path, headers={"authorization": token} if token else {})
        answer = connection.getresponse()
        if answer.status != 200:
            raise NoAccessKey(f"the container returned no key: HTTP {answer.status}")
        return answer.read()
    finally:
        connection.close()


def _key_of(body: bytes) -> tuple[Credentials, float]:
    import datetime

    document = json.loads(body)
    expires = datetime.datetime.fromisoformat(document["Expiration"]).timestamp()
    key = Credentials(document["AccessKeyId"], document["SecretAccessKey"], document["Token"])
    return key, expires
