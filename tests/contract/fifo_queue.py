"""One conversation's group of an SQS FIFO queue, by a clock that jumps to what comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from channels.turns.inbox_message import InboxMessage

#: How long SQS drops a second message of the same deduplication id (seconds).
_DEDUPLICATED = 300.0


class Unavailable(Exception):
    """SQS does not take the call."""


class FifoQueue:
    """Hands messages over as Lambda does, and moves those away that were received too often.

    `now` is in seconds. A message that is hidden holds up those behind it. `refuses()` says whether
    a dead letter can be written. `moved` holds what SQS moved itself.
    """

    def __init__(self, batch_size: int = 1, most_receives: int = 1000) -> None:
        self.now = 0.0
        self.buried: list[str] = []
        self.moved: list[str] = []
        self.refuses: Callable[[], bool] = lambda: False
        self.receives: dict[str, int] = {}
        self._batch_size, self._most_receives = batch_size, most_receives
        self._messages: list[dict[str, Any]] = []
        self._dead_ids: dict[str, float] = {}

    def put(self, queued: InboxMessage) -> None:
        """Put a message at the end."""
        sqs_id = f"sqs-{len(self.receives)}"
        self.receives[sqs_id] = 0
        message = {"id": sqs_id, "body": queued.to_json(), "sent_at": self.now}
        self._messages.append({**message, "first": None, "hidden_until": 0.0})

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to hand over."""
        return not self._messages

    def hand_over(self, worker: Callable[[dict[str, Any], Any], dict[str, Any]]) -> None:
        """Wait until the first message is visible, and let the worker have a batch.

        A worker that is killed (a BaseException passes) leaves it hidden.
        """
        self.now = max([self.now, *(each["hidden_until"] for each in self._messages)])
        batch = [self._received(each) for each in self._messages[: self._batch_size]]
        too_often = [each for each in batch if self.receives[each["id"]] > self._most_receives]
        for each in too_often:
            self._messages.remove(each)
            self.moved.append(each["body"])
        batch = [each for each in batch if each not in too_often]
        answer = worker({"Records": [self._record(each) for each in batch]}, None)
        left = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for each in batch:
            if each["id"] not in left:
                self._messages.remove(each)

    def _received(self, message: dict[str, Any]) -> dict[str, Any]:
        self.receives[message["id"]] += 1
        message["hidden_until"] = self.now + 100.0
        message["first"] = self.now if message["first"] is None else message["first"]
        return message

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        attributes = {
            "MessageGroupId": "myio:me",
            "SentTimestamp": str(int(message["sent_at"] * 1000)),
            "ApproximateFirstReceiveTimestamp": str(int(message["first"] * 1000)),
            "ApproximateReceiveCount": str(self.receives[message["id"]]),
        }
        handed = {"messageId": message["id"], "receiptHandle": message["id"]}
        return {**handed, "body": message["body"], "attributes": attributes}

    # the calls of SQS's client

    def change_message_visibility(self, **given: Any) -> None:
        assert 0 <= given["VisibilityTimeout"] <= 43_200
        [message] = [each for each in self._messages if each["id"] == given["ReceiptHandle"]]
        message["hidden_until"] = self.now + given["VisibilityTimeout"]

    def get_queue_attributes(self, **given: Any) -> Any:
        assert given["AttributeNames"] == ["VisibilityTimeout"]
        return {"Attributes": {"VisibilityTimeout": "100"}}

    def send_message(self, **given: Any) -> None:
        """Write a dead letter; another of the same deduplication id is dropped for 5 minutes."""
        if self.refuses():
            raise Unavailable
        earlier = self._dead_ids.get(given["MessageDeduplicationId"])
        if earlier is None or self.now - earlier > _DEDUPLICATED:
            self._dead_ids[given["MessageDeduplicationId"]] = self.now
            self.buried.append(given["MessageBody"])
