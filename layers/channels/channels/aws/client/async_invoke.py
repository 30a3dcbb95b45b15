"""Start another Lambda without waiting for it: Lambda's Invoke of type `Event`."""

from __future__ import annotations

import json
from urllib.parse import quote

from channels.aws.client.endpoints import endpoint_of
from channels.aws.client.signed_http import ServiceError, SignedHttp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from channels.wiring.settings import Settings


class AsyncInvoke:
    """Invokes one function."""

    def __init__(self, function: str, http: SignedHttp) -> None:
        """Invoke `function`, by name or ARN."""
        self._path = f"/2015-03-31/functions/{quote(function, safe='')}/invocations"
        self._http = http

    @classmethod
    def from_settings(cls, function: str, settings: Settings) -> AsyncInvoke:
        """Make an invoker for a function of the stack."""
        url = endpoint_of("lambda", settings.environment)
        return cls(function, SignedHttp("lambda", url, settings.environment))

    def __call__(self, event: dict[str, Any]) -> None:
        """Send the function an event.

        Raise ServiceError if Lambda does not accept it in two attempts.
        """
        headers = {"x-amz-invocation-type": "Event", "content-type": "application/json"}
        body = json.dumps(event).encode()
        try:
            status, _ = self._http.request("POST", self._path, headers, body)
        except ServiceError:
            status, _ = self._http.request("POST", self._path, headers, body)
        if status != 202:
            raise ServiceError("Invoke", f"HTTP {status}")
