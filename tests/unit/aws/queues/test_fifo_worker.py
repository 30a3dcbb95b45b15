"""The worker of a FIFO queue: batches of groups, exact partial answers."""

import threading
import time
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

from channels.aws.queues.fifo_worker import FifoWorker, visibility_timeout
from channels.channel import UserMessage
from channels.handlers.worker import handle_received
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import JournalError
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.retry import RetryPolicy

FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "false", "VisibilityTimeout": "100"}


class Conversations:
    """Outcomes by the message's text."""

    def __init__(self, handled, outcomes):
        self.handled, self.outcomes = handled, outcomes

    def handle(self, queued, attempt, first_received_at, *, sqs_id, seconds_left):
        self.handled.append((queued.message.message_id, attempt))
        outcome = self.outcomes.get(queued.message.message_id, Done())
        if callable(outcome):
            return outcome()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Stack:
    """An inbox with a dead-letter queue, and a worker that is fed by hand."""

    def __init__(self, sqs):
        self.sqs = sqs
        self.inbox = sqs.create_queue(QueueName="inbox.fifo", Attributes=FIFO)["QueueUrl"]
        self.dead = sqs.create_queue(QueueName="dead.fifo", Attributes=FIFO)["QueueUrl"]
        self.handled = []
        self.outcomes = {}
        self.later = 0.0
        conversations = Conversations(self.handled, self.outcomes)
        self.worker = FifoWorker(
            lambda: lambda received: handle_received(conversations, received),
            sqs,
            self.inbox,
            self.dead,
            RetryPolicy(patience=3600.0, longest=60.0),
            now=lambda: time.time() + self.later,
            chance=lambda: 0.0,
        )

    def put(self, sender, message_id, body=None):
        message = UserMessage("hi", sender_id=sender, message_id=message_id)
        self.sqs.send_message(
            QueueUrl=self.inbox,
            MessageBody=body or InboxMessage("slack", message, 0.0).to_json(),
            MessageGroupId=sender,
            MessageDeduplicationId=message_id,
        )

    def batch(self, queue=None):
        answer = self.sqs.receive_message(
            QueueUrl=queue or self.inbox,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["All"],
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in answer.get("Messages", [])
        ]

    def deliver(self):
        """What Lambda does: hand over a batch, delete what the answer does not name."""
        records = self.batch()
        failures = self.worker({"Records": records}, None)["batchItemFailures"]
        failed = {failure["itemIdentifier"] for failure in failures}
        for record in records:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.inbox, ReceiptHandle=record["receiptHandle"])
        return [
            InboxMessage.from_json(record["body"]).message.message_id
            for record in records
            if record["messageId"] in failed
        ]


@pytest.fixture
def stack(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield Stack(boto3.client("sqs", region_name="eu-west-1"))


def test_a_batch_that_went_well_leaves_nothing(stack):
    stack.put("alice", "a1")
    stack.put("alice", "a2")
    stack.put("bob", "b1")
    assert stack.deliver() == []
    assert sorted(stack.handled) == [("a1", 1), ("a2", 1), ("b1", 1)]
    assert stack.handled.index(("a1", 1)) < stack.handled.index(("a2", 1))


def test_an_unfinished_message_keeps_those_behind_it_and_no_other_conversation(stack):
    for message_id in ("a1", "a2", "a3"):
        stack.put("alice", message_id)
    stack.put("bob", "b1")
    stack.outcomes.update({"a2": RetryLater(0, "down")})
    assert stack.deliver() == ["a2", "a3"]
    assert ("a3", 1) not in stack.handled
    stack.outcomes.clear()
    assert stack.deliver() == []
    assert [handled for handled in stack.handled if handled[0] in ("a2", "a3")] == [
        ("a2", 1),
        ("a2", 2),
        ("a3", 2),
    ]


def test_a_message_to_come_again_is_hidden_for_its_delay(stack):
    stack.put("alice", "a1")
    stack.outcomes.update({"a1": RetryLater(3600, "rate limited")})
    assert stack.deliver() == ["a1"]
    assert stack.batch() == []


def test_an_unexpected_error_leaves_the_message_for_later(stack, caplog):
    stack.put("alice", "a1")
    stack.put("bob", "b1")
    stack.outcomes.update({"a1": RuntimeError("the table is not there")})
    assert stack.deliver() == ["a1"]
    assert ("b1", 1) in stack.handled
    assert "interrupted" in caplog.text


def test_an_error_that_stays_is_given_up_on_when_patience_is_over(stack, caplog):
    stack.put("alice", "a1")
    stack.put("alice", "a2")
    stack.outcomes.update({"a1": RuntimeError("the table is not there")})
    stack.later = 3700.0
    assert stack.deliver() == []
    [dead] = stack.batch(stack.dead)
    assert dead["attributes"]["MessageGroupId"] == "alice"
    assert ("a2", 1) in stack.handled, "the conversation goes on"
    assert "interrupted" in caplog.text


def test_what_follows_a_dead_letter_is_done_once_it_is_written(stack):
    told = []
    stack.put("alice", "a1")
    buried = lambda: told.append(len(stack.batch(stack.dead)))  # noqa: E731
    stack.outcomes.update({"a1": DeadLetter("poisoned", buried)})
    assert stack.deliver() == []
    assert told == [1]


def test_a_dead_letter_that_cannot_be_written_comes_again(stack, caplog):
    told = []
    stack.put("alice", "a1")
    stack.outcomes.update({"a1": DeadLetter("poisoned", lambda: told.append(1))})
    stack.sqs.delete_queue(QueueUrl=stack.dead)
    assert stack.deliver() == ["a1"]
    assert "no dead letter could be written" in caplog.text
    assert told == []


def test_patience_begins_with_the_first_receive(stack):
    stack.put("alice", "a1")
    stack.put("alice", "a2")
    stack.outcomes.update({"a2": RuntimeError("the table is not there")})
    stack.later = 3700.0
    records = stack.batch()
    for record in records:
        record["attributes"]["ApproximateFirstReceiveTimestamp"] = str(
            int((time.time() + 3600.0) * 1000)
        )
    failures = stack.worker({"Records": records}, None)["batchItemFailures"]
    assert failures == [{"itemIdentifier": records[1]["messageId"]}]


def test_a_message_that_the_lambda_has_no_room_for_goes_back(stack):
    for message_id in ("a1", "a2"):
        stack.put("alice", message_id)
    stack.worker._room = 70.0
    left = iter([60.0, 50.0])
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: next(left) * 1000)
    records = stack.batch()
    failures = stack.worker({"Records": records}, context)["batchItemFailures"]
    assert failures == [{"itemIdentifier": records[1]["messageId"]}]
    assert stack.handled == [("a1", 1)], "the first one is handled in any case"
    handled = records[0]["receiptHandle"]
    stack.sqs.delete_message(QueueUrl=stack.inbox, ReceiptHandle=handled)
    assert [each["attributes"]["ApproximateReceiveCount"] for each in stack.batch()] == ["2"]


@pytest.mark.parametrize(("delay", "seconds"), [(1.2, 2), (99_999.0, 43_200)])
def test_a_delay_is_whole_seconds_up_to_what_sqs_takes(stack, delay, seconds):
    hidden = []
    stack.worker = FifoWorker(
        lambda: lambda received: RetryLater(delay, "rate limited"),
        SimpleNamespace(change_message_visibility=lambda **given: hidden.append(given)),
        stack.inbox,
        stack.dead,
        RetryPolicy(3600.0, 60.0),
    )
    stack.put("alice", "a1")
    assert stack.deliver() == ["a1"]
    assert [each["VisibilityTimeout"] for each in hidden] == [seconds]


@pytest.mark.parametrize("unreadable", [True, False])
def test_what_cannot_be_handled_goes_to_the_dead_letters_of_its_conversation(stack, unreadable):
    stack.put("alice", "a1", body="rubbish" if unreadable else None)
    stack.put("alice", "a2")
    stack.outcomes.update({"a1": DeadLetter("poisoned")})
    assert stack.deliver() == []
    [dead] = stack.batch(stack.dead)
    assert dead["attributes"]["MessageGroupId"] == "alice"
    assert ("a2", 1) in stack.handled, "the conversation goes on"


def test_conversations_of_a_batch_run_side_by_side(stack):
    both = threading.Barrier(2, timeout=10)
    stack.put("alice", "a1")
    stack.put("bob", "b1")

    def meet():
        both.wait()
        return Done()

    stack.outcomes.update({"a1": meet, "b1": meet})
    assert stack.deliver() == []


def test_for_how_long_a_killed_worker_s_message_is_hidden(stack):
    assert visibility_timeout(stack.sqs, stack.inbox) == 100.0
    stack.sqs.delete_queue(QueueUrl=stack.inbox)
    with pytest.raises(JournalError, match="the queue: QueueDoesNotExist"):
        visibility_timeout(stack.sqs, stack.inbox)
