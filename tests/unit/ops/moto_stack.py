"""A stack in moto: the queues and the table that operators' commands look at."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from boto3.session import Session
from moto import mock_aws

from channels.aws.keys import sqs_id
from channels.aws.state.journal import TurnJournal
from channels.channel import UserMessage
from channels.turns.inbox_message import InboxMessage
from ops.__main__ import parser
from ops.stack.aws import Stack
from ops.stack.queue_pairs import QueuePair, queue_pair

QUEUES = ("InboxQueue", "InboxDeadLetterQueue", "CallbackQueue", "CallbackDeadLetterQueue")


class MotoStack:
    """The stack `chat` on moto's AWS; `resources` are as `ops.stack.resources` has them."""

    def __init__(self) -> None:
        session = Session("test", "test", region_name="eu-west-1")
        self.stack = Stack("chat", session, None)
        self.sqs = session.client("sqs")
        self.dynamodb = session.client("dynamodb")
        self.resources: Any = {name: self._queue(name) for name in QUEUES}
        self.resources["StateTable"] = self._table()
        self._sent = 0

    def _queue(self, name: str) -> str:
        attributes: Any = {"FifoQueue": "true", "VisibilityTimeout": "100"}
        return self.sqs.create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"]

    def _table(self) -> str:
        self.dynamodb.create_table(
            TableName="state",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        return "state"

    def journal(self, now: Callable[[], float] = lambda: 1000.0) -> TurnJournal:
        """The worker's journal of this stack, by a clock of the test's own."""
        return TurnJournal("state", self.dynamodb, now=now)

    def pair(self, name: str = "inbox") -> QueuePair:
        """A queue and its dead-letter queue."""
        return queue_pair(self.resources, name)

    def send(self, url: str, body: str, group: str) -> None:
        """Put a message into a queue."""
        self._sent += 1
        self.sqs.send_message(
            QueueUrl=url,
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=f"test-{self._sent}",
        )

    def bury(self, message: InboxMessage) -> None:
        """Put a message into the inbox's dead-letter queue."""
        group = sqs_id(message.channel, message.message.sender_id)
        self.send(self.pair().dead_letters, message.to_json(), group)

    def drain(self, url: str) -> list[tuple[str, str]]:
        """Take everything out of a queue; gives (group, body) in the order of its groups."""
        taken = []
        while messages := self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
        ).get("Messages"):
            for each in messages:
                taken.append((each["Attributes"]["MessageGroupId"], each["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return taken

    def ids(self, url: str) -> dict[str, list[str]]:
        """Take everything out of an inbox queue; gives each sender's message ids in order."""
        found: dict[str, list[str]] = {}
        for _, body in self.drain(url):
            message = json.loads(body)["message"]
            found.setdefault(message["sender_id"], []).append(message["message_id"])
        return found


@contextmanager
def moto_stack() -> Iterator[MotoStack]:
    """The stack, for as long as the block."""
    with mock_aws():
        yield MotoStack()


def queued(message_id: str, sender: str = "amy", channel: str = "slack", **rest: Any) -> Any:
    """A message as it stands in the inbox."""
    replies = rest.pop("replies", None)
    user = UserMessage("secret words", sender_id=sender, message_id=message_id, **rest)
    return InboxMessage(channel, user, 900.0, replies)


def arguments(*words: str) -> argparse.Namespace:
    """What a command line says."""
    return parser().parse_args(words)
