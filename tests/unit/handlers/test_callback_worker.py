"""From the outbox through the callback queue to a receiver: in order, once, until it is taken."""

import json
import time

import boto3
import pytest
from moto import mock_aws

from channels.aws.queues.fifo_worker import FifoWorker, Received
from channels.aws.queues.outbox import Outbox
from channels.errors import CredentialsMissing
from channels.handlers.callback_worker import CallbackHandler
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.turns.retry import CALLBACK
from tests.servers.recording_server import recording_server

FIFO = {
    "FifoQueue": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
    "VisibilityTimeout": "70",
}
DAY = 86_400.0
TAKEN = (200, b"", {})
DOCUMENT = json.dumps({"delivery_id": "m1:1", "message": {"recipient_id": "me", "text": "hi"}})


class Sqs:
    """The worker's client and the outbox's; delays are written down and not waited for."""

    def __init__(self, client):
        self.client, self.delays = client, []

    def call(self, operation, parameters):
        assert operation == "SendMessage"
        return self.client.send_message(**parameters)

    def send_message(self, **parameters):
        return self.client.send_message(**parameters)

    def change_message_visibility(self, **parameters):
        self.delays.append(parameters["VisibilityTimeout"])
        self.client.change_message_visibility(**{**parameters, "VisibilityTimeout": 0})


class Stack:
    """A callback queue with dead letters, and a worker that is fed by hand."""

    def __init__(self, client, url):
        self.client, self.sqs = client, Sqs(client)
        self.queue = client.create_queue(QueueName="callback.fifo", Attributes=FIFO)["QueueUrl"]
        self.dead = client.create_queue(QueueName="dead.fifo", Attributes=FIFO)["QueueUrl"]
        self.outbox = Outbox(self.queue, self.sqs)
        self.later = 0.0
        self.handlers = []
        settings = {"url": url, "allow_private_addresses": True}
        self.credentials = lambda name: {"callback": settings}[name]
        self.worker = FifoWorker(
            self.make, self.sqs, self.queue, self.dead, CALLBACK, now=self.clock
        )

    def make(self):
        handler = CallbackHandler(self.section, self.clock, chance=lambda: 0.0)
        self.handlers.append(handler)
        return handler

    def section(self, name):
        return self.credentials(name)

    def clock(self):
        return time.time() + self.later

    def put(self, sender, number):
        delivery_id = f"{sender}:{number}"
        message = {"recipient_id": sender, "text": f"{number}"}
        self.outbox.put(sender, delivery_id, {"delivery_id": delivery_id, "message": message})

    def batch(self, queue=None):
        answer = self.client.receive_message(
            QueueUrl=queue or self.queue,
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
        """What Lambda does with a batch; False when there is none."""
        records = self.batch()
        if records:
            failures = self.worker({"Records": records}, None)["batchItemFailures"]
            failed = {failure["itemIdentifier"] for failure in failures}
            for record in records:
                if record["messageId"] not in failed:
                    self.client.delete_message(
                        QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"]
                    )
        return bool(records)

    def deliver_all(self, limit=80):
        assert any(not self.deliver() for _ in range(limit)), "the queue never runs empty"


@pytest.fixture
def receiver():
    """Takes everything, unless a test replaces its `respond`."""
    with recording_server(lambda request: TAKEN) as server:
        yield server


@pytest.fixture
def stack(monkeypatch, receiver):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        stack = Stack(boto3.client("sqs", region_name="eu-west-1"), receiver.url)
        yield stack
        for handler in stack.handlers:
            handler.close()


def texts_of(requests):
    """The texts of each recipient, in order."""
    texts = {}
    for request in requests:
        texts.setdefault(request.json["recipient_id"], []).append(request.json["text"])
    return texts


class Outage:
    """Fails the first requests in every way there is, then takes everything."""

    WAYS = (
        None,
        (500, b"", {}),
        (503, b"", {"retry-after": "7"}),
        (429, b"", {"retry-after": "0"}),
        (408, b"", {}),
    )

    def __init__(self, length):
        self.left, self.taken = length, []

    def __call__(self, request):
        if self.left > 0:
            self.left -= 1
            return self.WAYS[self.left % len(self.WAYS)]
        self.taken.append(request)
        return TAKEN


def test_after_an_outage_everything_arrives_in_order_and_once(stack, receiver):
    receiver.respond = outage = Outage(40)
    senders = [f"s{number}" for number in range(4)]
    for number in range(6):
        for sender in senders:
            stack.put(sender, number)
    stack.deliver_all()
    assert outage.left == 0
    assert texts_of(outage.taken) == {sender: [*"012345"] for sender in senders}
    assert len({request.headers["webhook-id"] for request in outage.taken}) == 24
    assert stack.batch(stack.dead) == []


def test_the_receiver_is_asked_again_later_and_later(stack, receiver):
    receiver.respond = Outage(11)
    receiver.respond.WAYS = ((503, b"", {}),)
    stack.put("me", 1)
    stack.deliver_all()
    assert stack.sqs.delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_attempts_are_counted_for_the_receiver_under_one_id(stack, receiver):
    receiver.respond = Outage(2)
    stack.put("me", 1)
    stack.deliver_all()
    attempts = [request.headers["x-delivery-attempt"] for request in receiver.requests]
    assert attempts == ["1", "2", "3"]
    assert {request.headers["webhook-id"] for request in receiver.requests} == {"me:1"}


def test_an_answer_put_twice_is_delivered_once(stack, receiver):
    for _ in range(2):
        stack.put("me", 1)
    stack.put("me", 2)
    stack.deliver_all()
    assert texts_of(receiver.requests) == {"me": ["1", "2"]}


def test_a_worker_that_dies_after_the_receivers_2xx_sends_again_under_the_same_id(stack, receiver):
    stack.put("me", 1)
    [record] = stack.batch()
    stack.worker({"Records": [record]}, None)
    stack.client.change_message_visibility(
        QueueUrl=stack.queue, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0
    )
    stack.deliver_all()
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "me:1"
    assert first.body == second.body


def test_a_refused_message_is_a_dead_letter_and_those_behind_it_go_on(stack, receiver):
    receiver.respond = lambda request: (410, b"", {}) if b'"2"' in request.body else TAKEN
    for number in (1, 2, 3):
        stack.put("me", number)
    stack.deliver_all()
    assert texts_of(receiver.requests) == {"me": ["1", "2", "3"]}
    [dead] = stack.batch(stack.dead)
    assert json.loads(dead["body"])["delivery_id"] == "me:2"
    assert dead["attributes"]["MessageGroupId"] == "callback:me"


def test_after_a_day_all_of_a_conversation_are_dead_letters_in_order(stack, receiver):
    receiver.respond = lambda request: (503, b"", {})
    for number in (1, 2, 3):
        stack.put("me", number)
    stack.deliver()
    assert texts_of(receiver.requests) == {"me": ["1"]}, "the others wait behind it"
    stack.later = DAY + 60
    stack.deliver_all()
    dead = [json.loads(record["body"])["delivery_id"] for record in stack.batch(stack.dead)]
    assert dead == ["me:1", "me:2", "me:3"]
    assert texts_of(receiver.requests) == {"me": ["1", "1", "2", "3"]}, "each had its chance"


def test_settings_that_cannot_be_used_are_waited_for(stack, receiver, caplog):
    usable = stack.credentials

    def missing(name):
        raise CredentialsMissing(f"'{name}' has no credentials")

    stack.put("me", 1)
    for unusable in (missing, lambda name: {"url": "ftp://example.com"}):
        stack.credentials = unusable
        stack.deliver()
    assert stack.sqs.delays == [1, 2]
    assert "has no credentials" in caplog.text
    assert "'url' must be an address" in caplog.text
    stack.credentials = usable
    stack.deliver_all()
    assert texts_of(receiver.requests) == {"me": ["1"]}


def test_settings_that_stay_unusable_are_given_up_on_after_a_day():
    handler = CallbackHandler(lambda name: {}, now=lambda: DAY)
    assert isinstance(handler(Received(DOCUMENT, 9, 1.0)), RetryLater)
    assert isinstance(handler(Received(DOCUMENT, 9, -1.0)), DeadLetter)


def test_new_settings_are_used_from_the_next_message_on():
    sections = iter([{"array": False}, {"array": True}])
    with recording_server(lambda request: TAKEN) as server:
        common = {"url": server.url, "allow_private_addresses": True}
        section = {**common, **next(sections)}
        handler = CallbackHandler(lambda name: section)
        for _ in range(2):
            assert handler(Received(DOCUMENT, 1, time.time())) == Done()
        assert server.connections == 1, "the same settings keep their connection"
        section = {**common, **next(sections)}
        assert handler(Received(DOCUMENT, 1, time.time())) == Done()
        handler.close()
    assert [isinstance(request.json, list) for request in server.requests] == [False, False, True]
