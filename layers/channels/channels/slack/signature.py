"""Slack's proof that a request comes from Slack.

    X-Slack-Request-Timestamp: 1767225600
    X-Slack-Signature: v0=<hex of HMAC-SHA256(signing secret, "v0:" + timestamp + ":" + raw body)>

The scheme is the same for events, slash commands and interactivity
(docs.slack.dev, "Verifying requests from Slack").
"""

from __future__ import annotations

import hmac
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: How far a request's timestamp may differ from our clock, in either direction (seconds).
MAX_AGE = 300


class SignatureVerifier:
    """Checks signatures of one app, with the results of slack_sdk's class of the same name.

    Returns False where slack_sdk raises: the timestamp is not a number, the body is not UTF-8.
    `now()` is in seconds since 1970.
    """

    def __init__(self, signing_secret: str, now: Callable[[], float] = time.time) -> None:
        self._key = signing_secret.encode()
        self._now = now

    def is_valid(self, body: bytes, timestamp: str | None, signature: str | None) -> bool:
        """Whether the signature matches the exact bytes of the body and is not stale."""
        if not timestamp or not signature:
            return False
        try:
            if abs(self._now() - int(timestamp)) > MAX_AGE:
                return False
        except ValueError:
            return False
        # As bytes, since compare_digest refuses strings that are not ASCII.
        given = signature.encode("utf-8", "replace")
        return hmac.compare_digest(self.sign(body, timestamp).encode(), given)

    def sign(self, body: bytes, timestamp: str) -> str:
        """Return the signature of a body and a timestamp."""
        signed = b"v0:" + timestamp.encode("utf-8", "replace") + b":" + body
        return f"v0={hmac.digest(self._key, signed, 'sha256').hex()}"
