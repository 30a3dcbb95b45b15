"""Looking at a connection again later: a standard SQS queue with a delay for each message.

A new connection must have connected its namespace (and shown its token) after 45 seconds. After
that a Socket.IO 3 or 4 connection is pinged every 8 minutes, below API Gateway's idle limit of 10.
"""

from __future__ import annotations

import json

from channels.aws.client.json_api import JsonApi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from channels.wiring.settings import Settings

#: What is looked at: has it connected; keep it open.
CONNECTED, KEEP = "connected", "keep"

#: Seconds until then; SQS delays up to 900.
DELAYS = {CONNECTED: 45, KEEP: 480}


class DelayedChecks:
    """Sends the messages; raises ServiceError."""

    def __init__(self, queue_url: str, sqs: JsonApi) -> None:
        """Send to `queue_url`."""
        self._queue_url = queue_url
        self._sqs = sqs

    @classmethod
    def from_settings(cls, settings: Settings) -> DelayedChecks:
        """The stack's queue."""
        return cls(settings.socket_checks_url, JsonApi("sqs", settings.environment))

    def later(self, connection_id: str, check: str) -> None:
        """Look at a connection when the check's delay has passed."""
        self._sqs.call(
            "SendMessage",
            {
                "QueueUrl": self._queue_url,
                "MessageBody": json.dumps({"connection": connection_id, "check": check}),
                "DelaySeconds": DELAYS[check],
            },
        )


def read_check(body: str) -> tuple[str, str]:
    """Connection and check of a message."""
    document = json.loads(body)
    return document["connection"], document["check"]
