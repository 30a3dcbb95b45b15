"""Delayed checks of connections: a standard SQS queue with a delay per message.

A new connection must have connected its namespace (and presented its token) after 45 seconds. After
that, a Socket.IO 3 or 4 connection is pinged every 8 minutes, below API Gateway's idle timeout of
10.
"""

from __future__ import annotations

import json

from channels.aws.client.json_api import JsonApi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.wiring.settings import Settings

#: The checks: whether the client has connected, and keeping the connection open.
CONNECTED, KEEP = "connected", "keep"

#: Seconds until each check; SQS delays up to 900.
DELAYS = {CONNECTED: 45, KEEP: 480}


class DelayedChecks:
    """Queues the checks; raises ServiceError."""

    def __init__(self, queue_url: str, sqs: JsonApi) -> None:
        self._queue_url = queue_url
        self._sqs = sqs

    @classmethod
    def from_settings(cls, settings: Settings) -> DelayedChecks:
        """Use the stack's queue."""
        return cls(settings.socket_checks_url, JsonApi("sqs", settings.environment))

    def later(self, connection_id: str, check: str) -> None:
        """Check a connection when the check's delay has passed."""
        self._sqs.call(
            "SendMessage",
            {
                "QueueUrl": self._queue_url,
                "MessageBody": json.dumps({"connection": connection_id, "check": check}),
                "DelaySeconds": DELAYS[check],
            },
        )


def read_check(body: str) -> tuple[str, str]:
    """Return the connection and the check of a message."""
    document = json.loads(body)
    return document["connection"], document["check"]
