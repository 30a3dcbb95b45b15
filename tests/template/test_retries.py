"""The queues' receive counts against the retry policy: the worker gives up, SQS never does."""

from __future__ import annotations

import math

import pytest

from channels.errors import RateLimited
from channels.turns.outcome import DeadLetter
from channels.turns.retry import CALLBACK, INBOX
from tests.contract.conversation import APOLOGY, Conversation

POLICIES = {"InboxQueue": INBOX, "CallbackQueue": CALLBACK}

#: SQS takes no larger maxReceiveCount.
SQS_LIMIT = 1000


def receive_counts(resources):
    return {
        name: each["Properties"]["RedrivePolicy"]["maxReceiveCount"]
        for name, each in resources.items()
        if each["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in each["Properties"]
    }


def largest_batch(template, queue):
    """How many messages of a queue its worker takes at once, at most."""
    [size] = [
        each["Properties"]["BatchSize"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping"
        and each["Properties"]["EventSourceArn"]["Fn::GetAtt"][0] == queue
    ]
    return template["Parameters"][size["Ref"]]["MaxValue"] if isinstance(size, dict) else size


def test_the_worker_gives_up_before_sqs_does_whatever_the_receives_were(template, resources):
    counts = receive_counts(resources)
    assert counts.keys() == POLICIES.keys()
    for name, policy in POLICIES.items():
        # Between the two: receives that no worker lived to count.
        assert policy.receives + 50 <= counts[name] <= SQS_LIMIT, name


def test_patience_is_over_before_the_receives_are(template):
    for name, policy in POLICIES.items():
        # A message of a batch is received again with each one before it that comes again.
        assert largest_batch(template, name) * policy.most_attempts < policy.receives, name


def busy(chat, word):
    """A platform that asks for the same pause each time; it takes the apology."""

    def answer(text):
        if text != APOLOGY:
            raise RateLimited("status 429", word)

    chat.platform = answer
    return chat


@pytest.mark.parametrize("word", [0.0, 1.0, 0.3, -7.0, math.nan, math.inf, 50_000.0])
def test_whatever_a_platform_asks_for_the_worker_gives_up_itself_after_an_hour(word):
    chat = busy(Conversation(), word)
    chat.put()
    chat.run()
    assert (len(chat.queue.buried), chat.queue.moved) == (1, [])
    assert isinstance(chat.outcomes[-1], DeadLetter)
    assert chat.queue.now >= INBOX.patience
    assert max(chat.queue.receives.values()) <= INBOX.most_attempts
    assert chat.counted["DeadLetters"] == 1
    assert chat.sent == [APOLOGY]
    assert chat.journal.turns["m1"]["status"] == "dead"


@pytest.mark.parametrize("batch_size", [1, 10])
def test_a_message_behind_others_has_its_own_hour(batch_size):
    chat = busy(Conversation(batch_size=batch_size), 0.0)
    for number in range(10):
        chat.put(f"m{number}")
    chat.run()
    assert (len(chat.queue.buried), chat.queue.moved) == (10, []), "SQS moved none"
    assert chat.sent == [APOLOGY] * 10
    assert chat.queue.now >= 10 * INBOX.patience
    of_the_last = [*chat.queue.receives.values()][-1]
    assert of_the_last <= INBOX.most_attempts * batch_size < INBOX.receives


def test_a_dead_letter_that_cannot_be_written_is_told_of_once():
    chat = busy(Conversation(), 1.0)
    refusals = iter(range(8))
    chat.queue.refuses = lambda: next(refusals, None) is not None
    chat.put()
    chat.run()
    assert len(chat.queue.buried) == 1
    assert chat.sent == [APOLOGY]
    assert chat.counted["DeadLetters"] == 1
    assert chat.agent.asked == 1
