"""A worker of an SQS FIFO queue: groups side by side, the messages of one in order.

A message that must come again holds up those behind it in its group, nothing else: the answer to
Lambda names exactly the messages that stay (partial batch response).
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from channels.aws.keys import sqs_id
from channels.logs import begin_fields
from channels.outcome import DeadLetter, RetryLater

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mypy_boto3_sqs import SQSClient

    from channels.outcome import Outcome

logger = logging.getLogger(__name__)

#: SQS: longest time a message can be hidden (seconds).
_LONGEST_DELAY = 43_200

#: Longest pause after an error of our own surroundings, such as the state table (seconds).
_LONGEST_INTERRUPTION = 60.0


class Received(NamedTuple):
    """A message from the queue: its body, how often it was delivered (from 1), since when it waits.

    `queued_at` is in seconds since 1970; a redrive starts both anew.
    """

    body: str
    attempt: int
    queued_at: float


class FifoWorker:
    """Lambda handler of a FIFO queue; `make()` gives the function that handles one message.

    It is called once for each thread, because what handles messages may keep clients that belong to
    one thread. The function raises when its surroundings fail: then the message comes again.
    """

    def __init__(
        self,
        make: Callable[[], Callable[[Received], Outcome]],
        sqs: SQSClient,
        queue_url: str,
        dead_letter_url: str,
    ) -> None:
        """Serve the queue `queue_url`."""
        self._make = make
        self._idle: list[Callable[[Received], Outcome]] = []
        self._sqs = sqs
        self._queue_url = queue_url
        self._dead_letter_url = dead_letter_url

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Handle a batch; the answer names the messages that stay in the queue."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for record in event["Records"]:
            groups.setdefault(record["attributes"]["MessageGroupId"], []).append(record)
        with ThreadPoolExecutor(max_workers=len(groups)) as threads:
            unfinished = list(
                threads.map(lambda records: self._group(records, context), groups.values())
            )
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]} for left in unfinished for record in left
            ]
        }

    def _group(self, records: list[dict[str, Any]], context: Any) -> list[dict[str, Any]]:
        """Handle the messages of one group; gives those from the first unfinished one on."""
        handle = self._idle.pop() if self._idle else self._make()
        try:
            for number, record in enumerate(records):
                begin_fields(context, record["attributes"].get("AWSTraceHeader", ""))
                delay = self._handle(handle, record)
                if delay is not None:
                    self._hide(record, delay)
                    self._release(records[number + 1 :])
                    return records[number:]
            return []
        finally:
            self._idle.append(handle)

    def _handle(
        self, handle: Callable[[Received], Outcome], record: dict[str, Any]
    ) -> float | None:
        """Handle one message; gives the delay after which it must come again, None if it need not.

        A dead letter that cannot be written comes again too.
        """
        attributes = record["attributes"]
        attempt = int(attributes["ApproximateReceiveCount"])
        queued_at = int(attributes["SentTimestamp"]) / 1000
        try:
            outcome = handle(Received(record["body"], attempt, queued_at))
            if isinstance(outcome, DeadLetter):
                self._bury(record)
        except Exception:
            logger.exception("SQS message %s: interrupted, goes on later", record["messageId"])
            return min(2.0**attempt, _LONGEST_INTERRUPTION)
        return outcome.delay if isinstance(outcome, RetryLater) else None

    def _hide(self, record: dict[str, Any], delay: float) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=self._queue_url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=max(0, min(round(delay), _LONGEST_DELAY)),
        )

    def _release(self, records: list[dict[str, Any]]) -> None:
        """Let messages follow at once when the one before them is through: order is SQS's."""
        for record in records:
            self._hide(record, 0)

    def _bury(self, record: dict[str, Any]) -> None:
        self._sqs.send_message(
            QueueUrl=self._dead_letter_url,
            MessageBody=record["body"],
            MessageGroupId=record["attributes"]["MessageGroupId"],
            MessageDeduplicationId=sqs_id("dead", record["messageId"]),
        )
