"""Signed requests to one AWS service over one kept-alive connection, without boto3 (ADR 4)."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

from channels.aws.signing import Credentials, signed_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class ServiceError(Exception):
    """An AWS service refused a call or could not be reached.

    `code` is AWS's error code, `ConnectionError` when there was no answer. The text holds neither
    the request nor its credentials. `document` is the whole of AWS's answer where that is JSON.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str = "",
        document: dict[str, Any] | None = None,
    ) -> None:
        """Name the operation and what came of it."""
        super().__init__(f"{operation}: {code}: {message}" if message else f"{operation}: {code}")
        self.code = code
        self.document = document or {}


class SignedHttp:
    """One AWS service; not for several threads at once."""

    def __init__(
        self,
        service: str,
        url: str,
        environment: Mapping[str, str],
        *,
        timeout: float = 5.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Sign for `service` with region and credentials of the environment, as the SDKs do.

        `url` is the endpoint, whose path is put before those of the requests. `timeout` bounds each
        wait for the service (seconds).
        """
        self._service = service
        self._region = region_of(environment)
        self._credentials = Credentials(
            environment.get("AWS_ACCESS_KEY_ID", ""),
            environment.get("AWS_SECRET_ACCESS_KEY", ""),
            environment.get("AWS_SESSION_TOKEN", ""),
        )
        self._url = urlsplit(url)
        self.host = self._url.netloc
        self._timeout = timeout
        self._now = now
        self._connection: http.client.HTTPConnection | None = None

    def request(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Status and body of the answer; ServiceError when there is none.

        `path` is percent-encoded, names of headers are lower case.
        """
        path = self._url.path.rstrip("/") + path
        signed = signed_headers(
            self._credentials,
            region=self._region,
            service=self._service,
            timestamp=time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now())),
            path=path,
            headers={"host": self.host, **headers},
            body=body,
            method=method,
        )
        try:
            connection = self._connection or self._connect()
            connection.request(method, path, body, signed)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ServiceError(
                f"{self._service} {method}", "ConnectionError", str(error)
            ) from error

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(self._url.hostname or "", self._url.port, timeout=self._timeout)
        return self._connection

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def region_of(environment: Mapping[str, str]) -> str:
    """The region of an environment, "" where it names none."""
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")


def endpoint_of(service: str, environment: Mapping[str, str]) -> str:
    """The endpoint of a service: the environment's own, else AWS's in its region."""
    given = environment.get(f"AWS_ENDPOINT_URL_{service.upper()}")
    given = given or environment.get("AWS_ENDPOINT_URL")
    host = f"{service}.{region_of(environment)}.{domain_of(environment)}"
    return (given or f"https://{host}").rstrip("/")


def domain_of(environment: Mapping[str, str]) -> str:
    """AWS's domain for the environment's region."""
    return "amazonaws.com.cn" if region_of(environment).startswith("cn-") else "amazonaws.com"
