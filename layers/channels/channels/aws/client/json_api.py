"""One call to an AWS service with a JSON protocol (SQS, SSM, DynamoDB), without boto3.

Importing boto3 and making a client takes ten times as long as verifying a message; this module
needs only a connection, a signature and one retry (ADR 4).
"""

from __future__ import annotations

import json
import time

from channels.aws.client.endpoints import endpoint_of
from channels.aws.client.signed_http import ServiceError, SignedHttp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["JsonApi", "ServiceError"]

#: JSON protocol version and target prefix of each service (AWS service models).
_PROTOCOLS = {
    "ssm": ("1.1", "AmazonSSM"),
    "sqs": ("1.0", "AmazonSQS"),
    "dynamodb": ("1.0", "DynamoDB_20120810"),
}
#: Source: botocore's retry handlers, `legacy` and `standard` mode.
_THROTTLING = frozenset(
    (
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    )
)

#: The pause before retrying a service that was throttling or failed (seconds).
_PAUSE = 0.1
#: The shortest timeout of an attempt (seconds).
_SHORTEST = 0.1


class JsonApi:
    """Calls one AWS service over one kept-alive connection. Not thread-safe."""

    def __init__(
        self,
        service: str,
        environment: Mapping[str, str],
        *,
        timeout: float = 5.0,
        time_limit: float = 8.0,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Read region, credentials and endpoint from the environment, as the AWS SDKs do.

        `timeout` limits each wait for the service, `time_limit` a call including its retry
        (seconds), so that two calls always fit into a Lambda's 29 seconds. `host` is the endpoint's
        host and port.
        """
        self._version, self._target = _PROTOCOLS[service]
        url = endpoint_of(service, environment)
        self._http = SignedHttp(service, url, environment, timeout=timeout, now=now)
        self.host = self._http.host
        self._time_limit = time_limit
        self._clock = clock
        self._sleep = sleep

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the result of an operation such as `GetParameter`; raise ServiceError if it fails.

        Retried once, if there is time, when the connection was lost, or after a pause when the
        service was throttling or failed (5xx). All operations used here may be repeated: reads,
        conditional writes, and sends with a deduplication id.
        """
        body = json.dumps(parameters).encode()
        ends = self._clock() + self._time_limit
        try:
            return self._attempt(operation, body, ends)
        except _Retry as first:
            if self._clock() + first.pause >= ends:
                raise first.error from first
            self._sleep(first.pause)
        try:
            return self._attempt(operation, body, ends)
        except _Retry as second:
            raise second.error from second

    def _attempt(self, operation: str, body: bytes, ends: float) -> dict[str, Any]:
        headers = {
            "content-type": f"application/x-amz-json-{self._version}",
            "x-amz-target": f"{self._target}.{operation}",
        }
        timeout = min(self._http.timeout, max(ends - self._clock(), _SHORTEST))
        try:
            status, content = self._http.request("POST", "/", headers, body, timeout)
        except ServiceError as error:
            failure = ServiceError(operation, error.code, error.message)
            if error.code != "ConnectionError":
                raise failure from error
            raise _Retry(failure, 0.0) from error
        if status == 200:
            return _document(operation, content)
        failure = _failure(operation, status, content)
        if status >= 500 or status == 429 or failure.code in _THROTTLING:
            raise _Retry(failure, _PAUSE)
        raise failure

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._http.close()


class _Retry(Exception):
    """A failure that may not recur if retried after a pause (seconds)."""

    def __init__(self, error: ServiceError, pause: float) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause = pause


def _document(operation: str, content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ServiceError(operation, "InvalidAnswer", "the response is not a JSON object")
    return document


def _failure(operation: str, status: int, content: bytes) -> ServiceError:
    try:
        error = json.loads(content)
        code = str(error.get("__type", "")).rpartition("#")[2]  # may have a namespace
        message = str(error.get("message") or error.get("Message") or "")
    except (ValueError, AttributeError):
        return ServiceError(operation, f"HTTP {status}")
    return ServiceError(operation, code or f"HTTP {status}", message, error)
