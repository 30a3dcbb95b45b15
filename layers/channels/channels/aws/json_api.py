"""One call to an AWS service that speaks JSON (SQS, SSM, DynamoDB), without boto3.

Importing boto3 and making one client takes a Lambda ten times as long to start as verifying a
message does; this takes a connection, a signature and one retry (ADR 4).
"""

from __future__ import annotations

import json
import time

from channels.aws.signed_http import ServiceError, SignedHttp, endpoint_of

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
_THROTTLING = ("ThrottlingException", "RequestThrottled", "ProvisionedThroughputExceededException")


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
        self._version, self._target = _PROTOCOLS[service]
        url = endpoint_of(service, environment)
        self._http = SignedHttp(service, url, environment, timeout=timeout, now=now)
        self.host = self._http.host

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
        headers = {
            "content-type": f"application/x-amz-json-{self._version}",
            "x-amz-target": f"{self._target}.{operation}",
        }
        try:
            status, content = self._http.request("POST", "/", headers, body)
        except ServiceError as error:
            raise _Retry(ServiceError(operation, error.code, str(error.__cause__))) from error
        if status == 200:
            result: dict[str, Any] = json.loads(content)
            return result
        failure = _failure(operation, status, content)
        if status >= 500 or failure.code in _THROTTLING:
            raise _Retry(failure)
        raise failure

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._http.close()


class _Retry(Exception):
    """A failure that a second attempt may mend."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(str(error))
        self.error = error


def _failure(operation: str, status: int, content: bytes) -> ServiceError:
    try:
        error = json.loads(content)
        code = str(error.get("__type", "")).rpartition("#")[2]  # may bear a namespace
        message = str(error.get("message") or error.get("Message") or "")
    except (ValueError, AttributeError):
        return ServiceError(operation, f"HTTP {status}")
    return ServiceError(operation, code or f"HTTP {status}", message, error)
