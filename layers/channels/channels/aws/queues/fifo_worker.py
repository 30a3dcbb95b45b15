"""A worker of an SQS FIFO queue: groups in parallel, the messages of a group in order.

A message to be retried holds up only those behind it in its group: the response to Lambda names
exactly the messages that stay in the queue (partial batch response).
"""

from __future__ import annotations

import logging
import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from channels.aws.keys import sqs_id
from channels.telemetry.logs import begin_fields
from channels.turns.journal import JournalError
from channels.turns.outcome import DeadLetter, RetryLater
from channels.turns.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mypy_boto3_sqs import SQSClient

    from channels.turns.outcome import Outcome

logger = logging.getLogger(__name__)

#: SQS: the longest visibility timeout (seconds).
_LONGEST_DELAY = 43_200


class Received(NamedTuple):
    """A message from the queue: its body, how often it was delivered (from 1), and since when.

    `first_received_at` is in seconds since 1970: a message that stands behind others of its group
    is not received. `sqs_id` is SQS's id of the message. A redrive changes all three.
    `seconds_left` is how long the Lambda still runs.
    """

    body: str
    attempt: int
    first_received_at: float
    sqs_id: str = ""
    seconds_left: float = math.inf


class FifoWorker:
    """The Lambda handler of a FIFO queue; `make()` returns the function that handles one message.

    `make` is called once per thread, because the function may keep clients that belong to a thread.
    The function raises if something it depends on fails, such as the state table: the message is
    then retried for as long as `retry` says.
    """

    def __init__(  # noqa: PLR0913 - its dependencies
        self,
        make: Callable[[], Callable[[Received], Outcome]],
        sqs: SQSClient,
        queue_url: str,
        dead_letter_url: str,
        retry: RetryPolicy,
        *,
        room: float = 0.0,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Serve the queue `queue_url`; `now()` is in seconds since 1970, `chance()` from 0 to 1.

        A message behind another of its batch goes back unless the Lambda has `room` seconds left.
        """
        self._make = make
        self._idle: list[Callable[[Received], Outcome]] = []
        self._sqs = sqs
        self._queue_url = queue_url
        self._dead_letter_url = dead_letter_url
        self._retry = retry
        self._room = room
        self._now = now
        self._chance = chance

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Handle a batch; the return value names the messages that stay in the queue."""
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
        """Handle the messages of one group; return those from the first unfinished one on."""
        handle = self._idle.pop() if self._idle else self._make()
        try:
            for number, record in enumerate(records):
                left = _seconds_left(context)
                if number and left < self._room:
                    self._release(records[number:])
                    return records[number:]
                begin_fields(context, record["attributes"].get("AWSTraceHeader", ""))
                delay = self._handle(handle, record, left)
                if delay is not None:
                    self._hide(record, delay)
                    self._release(records[number + 1 :])
                    return records[number:]
            return []
        finally:
            self._idle.append(handle)

    def _handle(
        self, handle: Callable[[Received], Outcome], record: dict[str, Any], seconds_left: float
    ) -> float | None:
        """Handle one message; return the delay before it is retried, None if it is finished.

        A dead letter that cannot be written comes again too, after pauses that grow.
        """
        received = _received(record, seconds_left)
        attempt = received.attempt
        outcome: Outcome
        try:
            outcome = handle(received)
        except Exception:
            logger.exception("SQS message %s: interrupted", received.sqs_id)
            waited = self._now() - received.first_received_at
            outcome = self._retry.after("interrupted", attempt, waited, self._chance())
        if isinstance(outcome, DeadLetter) and not self._bury(record, outcome):
            return self._retry.delay(attempt, self._chance())
        return outcome.delay if isinstance(outcome, RetryLater) else None

    def _hide(self, record: dict[str, Any], delay: float) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=self._queue_url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=min(math.ceil(delay), _LONGEST_DELAY),
        )

    def _release(self, records: list[dict[str, Any]]) -> None:
        """Make messages available as soon as the one before them is done; SQS keeps the order."""
        for record in records:
            self._hide(record, 0)

    def _bury(self, record: dict[str, Any], outcome: DeadLetter) -> bool:
        """Write a dead letter and say so; False when that fails."""
        try:
            self._sqs.send_message(
                QueueUrl=self._dead_letter_url,
                MessageBody=record["body"],
                MessageGroupId=record["attributes"]["MessageGroupId"],
                MessageDeduplicationId=sqs_id("dead", record["messageId"]),
            )
            outcome.buried()
        except Exception:
            logger.exception("SQS message %s: no dead letter could be written", record["messageId"])
            return False
        return True


def _received(record: dict[str, Any], seconds_left: float) -> Received:
    attributes = record["attributes"]
    return Received(
        record["body"],
        int(attributes["ApproximateReceiveCount"]),
        int(attributes["ApproximateFirstReceiveTimestamp"]) / 1000,
        record["messageId"],
        seconds_left,
    )


def _seconds_left(context: Any) -> float:
    """How long the Lambda still runs; for ever outside of Lambda."""
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    return milliseconds() / 1000 if milliseconds else math.inf


def visibility_timeout(sqs: SQSClient, queue_url: str) -> float:
    """For how long a queue hides a message whose worker was killed (seconds); JournalError.

    Without it nobody knows how earlier attempts ended.
    """
    try:
        answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["VisibilityTimeout"])
    except (BotoCoreError, ClientError) as error:
        raise JournalError(f"the queue: {type(error).__name__}") from error
    return float(answer["Attributes"]["VisibilityTimeout"])
