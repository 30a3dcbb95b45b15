"""The outbox: an SQS FIFO queue of documents that another function delivers."""

from __future__ import annotations

import json

from channels.aws.client.json_api import JsonApi, ServiceError
from channels.aws.keys import sqs_id
from channels.aws.queues.trace_header import trace_attributes
from channels.errors import PlatformUnavailable, SendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.wiring.settings import Settings

#: SQS: the largest message, less some room for the rest of the request (bytes).
_LARGEST = 1_000_000


class Outbox:
    """`channel.Outbox` in SQS: one group per conversation; a document's second copy is dropped."""

    def __init__(self, queue_url: str, sqs: JsonApi, trace: Callable[[], str] = lambda: "") -> None:
        """Send to `queue_url`; `trace()` returns X-Ray's header of the invocation."""
        self._trace = trace
        self._queue_url = queue_url
        self._sqs = sqs

    @classmethod
    def from_settings(cls, settings: Settings) -> Outbox:
        """Make the outbox that a Lambda's settings describe."""
        sqs = JsonApi("sqs", settings.environment)
        return cls(settings.callback_queue_url, sqs, settings.trace)

    def put(self, group: str, document_id: str, document: dict[str, Any]) -> None:
        """Queue a document.

        Raises PlatformUnavailable if the queue does not accept it now, SendError if it is too large
        for any queue.
        """
        body = json.dumps(document)
        if len(body) > _LARGEST:
            raise SendError(f"a message of {len(body)} bytes is larger than SQS accepts")
        try:
            self._sqs.call(
                "SendMessage",
                {
                    "QueueUrl": self._queue_url,
                    "MessageBody": body,
                    "MessageGroupId": sqs_id("callback", group),
                    "MessageDeduplicationId": sqs_id("callback", document_id),
                    **trace_attributes(self._trace()),
                },
            )
        except ServiceError as error:
            raise PlatformUnavailable(
                f"the callback queue did not accept the message: {error}"
            ) from error
