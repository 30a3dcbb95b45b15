"""One call to an AWS service that speaks JSON (SQS, SSM, DynamoDB), without boto3.

Importing boto3 and making one client takes a Lambda ten times as long to start as verifying a
message does; this takes a connection, a signature and one retry (ADR 4).
"""

from __future__ import annotations

import http.client
import json
import time
from urllib.parse import urlsplit

from channels.aws.signing import Credentials, signed_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

#: JSON protocol version and target prefix of each service (AWS service models).
_PROTOCOLS = {
    "ssm": ("1.1", "AmazonSSM"),
    "sqs": ("1.0", "AmazonSQS"),
    "dynamodb": ("1.0", "DynamoDB_20120810"),
}
_THROTTLING = ("ThrottlingException", "RequestThrottled", "ProvisionedThroughputExceededException")


class ServiceError(Exception):
    """An AWS service refused a call or could not be reached.

    `code` is AWS's error code, `ConnectionError` when there was no answer. The text holds neither
    the request nor its credentials.
    """

    def __init__(self, operation: str, code: str, message: str = "") -> None:
        """Name the operation and what came of it."""
        super().__init__(f"{operation}: {code}: {message}" if message else f"{operation}: {code}")
        self.code = code


class JsonApi:
    """Calls one AWS service over one kept-alive connection; not for several threads at once."""

    def __init__(
        self,
        service: str,
        environment: Mapping[str, str],
        *,
        timeout: float = 5.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Read region, credentials and endpoint from the environment, as the AWS SDKs do.

        `host` is the endpoint's host and port.
        `timeout` bounds each attempt (seconds); there are two at most.
        """
        self._service = service
        self._version, self._target = _PROTOCOLS[service]
        self._region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")
        self._credentials = Credentials(
            environment.get("AWS_ACCESS_KEY_ID", ""),
            environment.get("AWS_SECRET_ACCESS_KEY", ""),
            environment.get("AWS_SESSION_TOKEN", ""),
        )
        self._url = urlsplit(_endpoint(service, self._region, environment))
        self.host = self._url.netloc
        self._timeout = timeout
        self._now = now
        self._connection: http.client.HTTPConnection | None = None

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The answer to an operation such as `GetParameter`; raises ServiceError.

        Tried twice where that can help: the connection was lost, the service was throttling or
        failed (5xx). All operations used here may be repeated: reads, conditional writes, and
        sends with a deduplication id.
        """
        body = json.dumps(parameters).encode()
        try:
            return self._attempt(operation, body)
        except _Retry:
            try:
                return self._attempt(operation, body)
            except _Retry as retry:
                raise retry.error from retry

    def _attempt(self, operation: str, body: bytes) -> dict[str, Any]:
        path = self._url.path or "/"
        try:
            connection = self._connection or self._connect()
            connection.request("POST", path, body, self._headers(operation, path, body))
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise _Retry(ServiceError(operation, "ConnectionError", str(error))) from error
        if answer.status == 200:
            result: dict[str, Any] = json.loads(content)
            return result
        failure = _failure(operation, answer.status, content)
        if answer.status >= 500 or failure.code in _THROTTLING:
            raise _Retry(failure)
        raise failure

    def _headers(self, operation: str, path: str, body: bytes) -> dict[str, str]:
        return signed_headers(
            self._credentials,
            region=self._region,
            service=self._service,
            timestamp=time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now())),
            path=path,
            headers={
                "host": self.host,
                "content-type": f"application/x-amz-json-{self._version}",
                "x-amz-target": f"{self._target}.{operation}",
            },
            body=body,
        )

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(self._url.hostname or "", self._url.port, timeout=self._timeout)
        return self._connection

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Retry(Exception):
    """A failure that a second attempt may mend."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(str(error))
        self.error = error


def _endpoint(service: str, region: str, environment: Mapping[str, str]) -> str:
    given = environment.get(f"AWS_ENDPOINT_URL_{service.upper()}")
    given = given or environment.get("AWS_ENDPOINT_URL")
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return (given or f"https://{service}.{region}.{suffix}").rstrip("/")


def _failure(operation: str, status: int, content: bytes) -> ServiceError:
    try:
        error = json.loads(content)
        code = str(error.get("__type", "")).rpartition("#")[2]  # may bear a namespace
        message = str(error.get("message") or error.get("Message") or "")
    except (ValueError, AttributeError):
        code, message = "", ""
    return ServiceError(operation, code or f"HTTP {status}", message)
