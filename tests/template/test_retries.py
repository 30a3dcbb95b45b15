"""The queues' receive counts against the retry policy: the worker gives up, SQS never does."""

from __future__ import annotations

import asyncio
import math

import pytest

from channels.aws.queues.fifo_worker import FifoWorker
from channels.channel import InputChannel, OutputChannel, UserMessage
from channels.errors import RateLimited
from channels.telemetry.metrics import Metrics
from channels.turns.inbox_message import InboxMessage
from channels.turns.outcome import DeadLetter
from channels.turns.retry import CALLBACK, INBOX
from channels.turns.runner import TurnRunner
from tests.contract.worker import Journal, Talker
from tests.functions.observed import counted

POLICIES = {"InboxQueue": INBOX, "CallbackQueue": CALLBACK}

#: SQS takes no larger maxReceiveCount.
SQS_LIMIT = 1000

APOLOGY = "Sorry."


def receive_counts(resources):
    return {
        name: each["Properties"]["RedrivePolicy"]["maxReceiveCount"]
        for name, each in resources.items()
        if each["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in each["Properties"]
    }


def test_every_queue_allows_far_more_receives_than_its_policy_ever_takes(resources):
    counts = receive_counts(resources)
    assert counts.keys() == POLICIES.keys()
    for name, policy in POLICIES.items():
        # The rest is for receives that are no attempts: no Lambda was free, a worker was killed.
        assert 2 * policy.most_attempts < counts[name] <= SQS_LIMIT, name


class Busy(OutputChannel):
    """A platform that asks for the same patience each time; it takes the apology."""

    def __init__(self, word, taken):
        super().__init__()
        self.word, self.taken = word, taken

    async def send_text_message(self, recipient_id, text, **kwargs):
        if text != APOLOGY:
            raise RateLimited("status 429", self.word)
        self.taken.append(text)


class BusyChannel(InputChannel):
    def __init__(self, word):
        self.word, self.taken = word, []

    def output_for(self, message):
        return Busy(self.word, self.taken)


class Queue:
    """The inbox with one message in it, by a clock that goes on while the message is hidden."""

    def __init__(self):
        self.now, self.receives, self.buried = 0.0, 0, []

    def change_message_visibility(self, **given):
        assert 0 <= given["VisibilityTimeout"] <= 43_200
        self.now += given["VisibilityTimeout"]

    def send_message(self, **given):
        self.buried.append(given)

    def receive(self):
        """The message as Lambda hands it over."""
        self.receives += 1
        message = InboxMessage("busy", UserMessage("hi", sender_id="me", message_id="m1"), 0.0)
        attributes = {
            "MessageGroupId": "busy:me",
            "SentTimestamp": "0",
            "ApproximateReceiveCount": str(self.receives),
        }
        handed = {"messageId": "1", "receiptHandle": "1", "body": message.to_json()}
        return {"Records": [{**handed, "attributes": attributes}]}


@pytest.mark.parametrize("word", [0.0, 1.0, 0.3, -7.0, math.nan, math.inf, 50_000.0])
def test_whatever_a_platform_asks_for_the_worker_gives_up_itself_after_an_hour(resources, word):
    queue, journal, channel, lines, outcomes = Queue(), Journal(), BusyChannel(word), [], []
    conversations = TurnRunner(
        journal,
        lambda: Talker([{"text": "hi"}]),
        lambda name: channel,
        lambda coroutine, timeout: asyncio.run(coroutine),
        lambda: queue.now,
        apology=APOLOGY,
        metrics=Metrics("stack", lines.append),
        chance=lambda: 1.0,
    )

    def handle(received):
        queued = InboxMessage.from_json(received.body)
        outcomes.append(conversations.handle(queued, received.attempt, received.queued_at))
        return outcomes[-1]

    worker = FifoWorker(lambda: handle, queue, "inbox", "dead", INBOX, now=lambda: queue.now)
    while not queue.buried:
        allowed = receive_counts(resources)["InboxQueue"]
        assert queue.receives < allowed, f"SQS gives up after {queue.now:.0f} s"
        worker(queue.receive(), None)
    assert isinstance(outcomes[-1], DeadLetter)
    assert queue.now >= INBOX.patience
    assert queue.receives <= INBOX.most_attempts
    assert counted(lines)["DeadLetters"] == 1
    assert channel.taken == [APOLOGY]
    assert journal.turns["m1"]["status"] == "dead"
