"""The inbox: an SQS FIFO queue between the webhooks and the conversation worker.

The message group is the conversation and the deduplication id is the platform's id of the event, so
SQS itself keeps the order and drops what a platform sends again within five minutes.
"""

from __future__ import annotations

import time

from channels.aws.client.json_api import JsonApi, ServiceError
from channels.aws.keys import sqs_id
from channels.aws.queues.trace_header import trace_attributes
from channels.errors import InboxUnavailable
from channels.turns.inbox_message import InboxMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from channels.channel import UserMessage
    from channels.wiring.settings import Settings

#: SQS: the most entries in one batch, and the most bytes less some room for the rest of the
#: request.
_BATCH_ENTRIES = 10
_BATCH_SIZE = 1_000_000


class Inbox:
    """Queues the messages of webhooks, in order, through the small AWS client (ADR 4)."""

    def __init__(
        self,
        queue_url: str,
        sqs: JsonApi,
        now: Callable[[], float] = time.time,
        trace: Callable[[], str] = lambda: "",
    ) -> None:
        """Send to `queue_url`; `now()` is in seconds since 1970.

        `trace()` returns X-Ray's header of the invocation, "" if there is none (`trace_header`).
        """
        self._trace = trace
        self._queue_url = queue_url
        self._sqs = sqs
        self._now = now

    @classmethod
    def from_settings(cls, settings: Settings) -> Inbox:
        """Make the inbox that a Lambda's settings describe."""
        sqs = JsonApi("sqs", settings.environment)
        return cls(settings.inbox_queue_url, sqs, trace=settings.trace)

    def put(self, channel: str, messages: list[UserMessage]) -> None:
        """Queue all messages of one request, or raise InboxUnavailable.

        After a failure some messages may be queued: the platform sends the request again, and SQS
        drops those it already has. A single message costs one call, several cost one call per ten.
        """
        now = self._now()
        self.send([InboxMessage(channel, message, now) for message in messages])

    def send(self, queued: list[InboxMessage]) -> None:
        """Queue all of these messages, or raise InboxUnavailable."""
        entries = [(each, each.to_json()) for each in queued]
        try:
            for batch in _batches(entries):
                self._send(batch)
        except ServiceError as error:
            raise InboxUnavailable(f"the inbox did not accept the message: {error}") from error

    def _send(self, batch: list[tuple[InboxMessage, str]]) -> None:
        parameters = [
            {
                "MessageBody": body,
                "MessageGroupId": sqs_id(queued.channel, queued.message.sender_id),
                "MessageDeduplicationId": sqs_id(queued.channel, queued.message.message_id),
                **trace_attributes(self._trace()),
            }
            for queued, body in batch
        ]
        if len(parameters) == 1:
            self._sqs.call("SendMessage", {"QueueUrl": self._queue_url, **parameters[0]})
            return
        entries = [{"Id": str(number), **entry} for number, entry in enumerate(parameters)]
        answer = self._sqs.call(
            "SendMessageBatch", {"QueueUrl": self._queue_url, "Entries": entries}
        )
        failed: list[dict[str, Any]] = answer.get("Failed") or []
        if failed:
            codes = ", ".join(sorted({str(entry.get("Code")) for entry in failed}))
            raise ServiceError("SendMessageBatch", codes, f"{len(failed)} of {len(entries)} failed")


def _batches(
    entries: list[tuple[InboxMessage, str]],
) -> Iterator[list[tuple[InboxMessage, str]]]:
    batch: list[tuple[InboxMessage, str]] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == _BATCH_ENTRIES or size + len(entry[1]) > _BATCH_SIZE):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += len(entry[1])
    if batch:
        yield batch
