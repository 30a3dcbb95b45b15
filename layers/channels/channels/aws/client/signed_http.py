"""Signed requests to one AWS service over one kept-alive connection, without boto3 (ADR 4)."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

from channels.aws.client.access_keys import AccessKeys, NoAccessKey
from channels.aws.client.endpoints import region_of
from channels.aws.client.signing import signed_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class ServiceError(Exception):
    """An AWS service refused a call or could not be reached.

    `code` is AWS's error code; it is `ConnectionError` if there was no response, `NoRegion` or
    `NoAccessKey` if the environment does not say how to sign. `message` gives details; the text
    contains neither the request nor its credentials. `document` is AWS's whole response if that is
    JSON.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str = "",
        document: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{operation}: {code}: {message}" if message else f"{operation}: {code}")
        self.code = code
        self.message = message
        self.document = document or {}


class SignedHttp:
    """Sends requests to one AWS service. Not thread-safe."""

    def __init__(
        self,
        service: str,
        url: str,
        environment: Mapping[str, str],
        *,
        timeout: float = 5.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Sign for `service` with the environment's region and credentials, as the SDKs do.

        `url` is the endpoint; its path is prepended to those of the requests. `timeout` limits each
        wait for the service (seconds).
        """
        self._service = service
        self._region = region_of(environment)
        self._keys = AccessKeys(environment, now)
        self._url = urlsplit(url)
        self._bundle = environment.get("AWS_CA_BUNDLE", "")
        self.host = self._url.netloc
        self.timeout = timeout
        self._now = now
        self._connection: http.client.HTTPConnection | None = None

    def request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        timeout: float | None = None,
    ) -> tuple[int, bytes]:
        """Return status and body of the response; raise ServiceError if there is none.

        `path` is percent-encoded, header names are lower case; `timeout` applies to this request
        only. A kept connection that turns out to be closed is renewed.
        """
        path = self._url.path.rstrip("/") + path
        signed = self._signed(method, path, headers, body)
        timeout = self.timeout if timeout is None else timeout
        kept = self._connection is not None
        try:
            try:
                return self._exchange(method, path, signed, body, timeout)
            except (ConnectionError, http.client.BadStatusLine):
                if not kept:
                    raise
                self.close()
                return self._exchange(method, path, signed, body, timeout)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ServiceError(
                f"{self._service} {method}", "ConnectionError", str(error) or type(error).__name__
            ) from error

    def _signed(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> dict[str, str]:
        operation = f"{self._service} {method}"
        if not self._region:
            raise ServiceError(operation, "NoRegion", "the environment has no AWS_REGION")
        try:
            key = self._keys.current()
        except NoAccessKey as error:
            raise ServiceError(operation, "NoAccessKey", str(error)) from error
        return signed_headers(
            key,
            region=self._region,
            service=self._service,
            timestamp=time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now())),
            path=path,
            headers={"host": self.host, **headers},
            body=body,
            method=method,
        )

    def _exchange(
        self, method: str, path: str, headers: dict[str, str], body: bytes, timeout: float
    ) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = self._connect(timeout)
        elif self._connection.sock is not None:
            self._connection.sock.settimeout(timeout)
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        host = self._url.hostname or ""
        if self._url.scheme != "https":
            return http.client.HTTPConnection(host, self._url.port, timeout=timeout)
        from channels.aws.client.tls import TRUST

        return TRUST.connect(host, self._url.port, timeout, self._bundle)

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
