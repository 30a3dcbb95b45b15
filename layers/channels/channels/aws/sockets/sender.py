"""API Gateway's @connections: send to a WebSocket connection and close it.

Source: AWS, "Use @connections commands in your backend service". A 200 means that API Gateway has
the message, not that the client has it.
"""

from __future__ import annotations

import time
from urllib.parse import quote

from channels.aws.client.signed_http import ServiceError, SignedHttp
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.wiring.settings import Settings

#: Pauses before retrying a post that API Gateway could not take (seconds).
_PAUSES = (0.05, 0.25)


class Sender:
    """Posts to the connections of one API stage."""

    def __init__(self, http: SignedHttp, sleep: Callable[[float], None] = time.sleep) -> None:
        """Post through `http`, whose URL is that of the stage; `sleep(seconds)` waits."""
        self._http = http
        self._sleep = sleep

    @classmethod
    def from_settings(cls, settings: Settings) -> Sender:
        """Use the stack's own API."""
        return cls(SignedHttp("execute-api", settings.sockets_url, settings.environment))

    def post(self, connection_id: str, frame: str) -> None:
        """Send a text frame.

        Raises RecipientGone if the connection does not exist (410), RateLimited or
        PlatformUnavailable if a later attempt may succeed, SendError for any other refusal.
        """
        body = frame.encode("utf-8", "replace")
        for pause in _PAUSES:
            try:
                self._call("POST", connection_id, body)
            except (RateLimited, PlatformUnavailable):
                self._sleep(pause)
            else:
                return
        self._call("POST", connection_id, body)

    def close(self, connection_id: str) -> None:
        """Close the connection; closing it twice is harmless."""
        try:
            self._call("DELETE", connection_id, b"")
        except RecipientGone:
            return

    def _call(self, method: str, connection_id: str, body: bytes) -> None:
        path = f"/@connections/{quote(connection_id, safe='')}"
        try:
            status, _ = self._http.request(method, path, {}, body)
        except ServiceError as error:
            raise PlatformUnavailable(f"API Gateway: {error}") from error
        if status in (200, 204):
            return
        said = f"API Gateway responded with {status} to {method}"
        if status == 410:
            raise RecipientGone(f"connection {connection_id} is closed")
        if status == 429:
            raise RateLimited(said)
        if status >= 500:
            raise PlatformUnavailable(said)
        raise SendError(said)
