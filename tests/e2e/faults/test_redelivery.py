"""Platforms send a message again: because they do, or because they were told to."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.aws.keys import sqs_id
from channels.channel import UserMessage
from channels.turns.inbox_message import InboxMessage
from tests.e2e.faults.faults import Cut, Fault, Kill, Moment, Refuse, Rule
from tests.e2e.faults.steps import Step
from tests.e2e.faults.surroundings import WEBHOOK
from tests.e2e.faults.tally import Tally, count

PUT = Step(WEBHOOK, "sqs", "SendMessage", 1)
TEXT = "hello"
ALWAYS = 1000


def one_turn(suite, sender):
    """The tally of a conversation of one message; the assistant was asked once."""
    assert suite.platform.wait_for(sender, 1, within=60)
    assert suite.stack.wait_until_idle(within=60)
    assert suite.agent.times_asked(sender) == {TEXT: 1}
    tally = count({sender: [TEXT]}, suite.platform.received(sender))
    assert tally == Tally(due=1, received=1)
    return tally


def test_a_webhook_delivered_five_times_in_parallel_and_again_in_sequence(suite, figures):
    def post(_):
        with suite.client() as client:
            return client.post("again", 1, TEXT)[0]

    with ThreadPoolExecutor(max_workers=5) as threads:
        statuses = list(threads.map(post, range(5)))
    statuses += [post(None) for _ in range(5)]
    one_turn(suite, "again")
    statuses += [post(None) for _ in range(5)]
    assert statuses == [200] * 15
    tally = one_turn(suite, "again")
    figures.tally(
        "a webhook delivered 15 times: 5 at once, 5 in a row, 5 after the answer",
        tally,
        "assistant asked once",
    )


def test_a_message_that_sqs_has_forgotten_is_known_to_the_journal(suite, figures):
    """SQS knows a deduplication id for five minutes; a new one stands in for that time here."""
    sender = "forgotten"
    with suite.client() as client:
        client.send(sender, 1, TEXT)
    one_turn(suite, sender)
    message = UserMessage(TEXT, sender_id=sender, message_id=f"{sender}:1")
    for _ in range(5):
        suite.stack.put_into_inbox(
            InboxMessage("callback", message, 0.0).to_json(),
            sqs_id("callback", sender),
            uuid.uuid4().hex,
        )
    assert suite.stack.wait_until_idle(within=60)
    tally = one_turn(suite, sender)
    figures.tally("a message five times in the inbox, after its turn", tally)


REFUSALS: dict[str, Fault] = {
    "error": Refuse(500, "InternalFailure"),
    "unavailable": Refuse(503, "ServiceUnavailable"),
    "denied": Refuse(403, "AccessDeniedException"),
    "throttled": Refuse(400, "ThrottlingException"),
    "reset": Cut(Moment.BEFORE),
}


def test_no_message_is_acknowledged_that_the_inbox_refuses(suite, subtests, figures):
    tally = Tally()
    for kind, refusal in REFUSALS.items():
        sender = f"refused-{kind}"
        suite.faults.plan(sender, Rule(PUT, refusal, ALWAYS))
        with subtests.test(kind), suite.client() as client:
            assert [client.post(sender, 1, TEXT)[0] for _ in range(3)] == [503] * 3
            suite.faults.clear(sender)
            assert suite.agent.times_asked(sender) == {}
            assert client.send(sender, 1, TEXT).statuses == [200]
            tally += one_turn(suite, sender)
    assert tally.due == len(REFUSALS)
    figures.tally(
        f"inbox refuses a message three times: {', '.join(REFUSALS)}",
        tally,
        "webhook: 503 each time, then 200",
    )


@pytest.mark.parametrize(
    ("name", "fault", "first"),
    [("cut", Cut(Moment.AFTER), 503), ("killed", Kill(Moment.AFTER), 502)],
)
def test_a_message_that_the_inbox_took_without_its_answer_arriving(
    suite, figures, name, fault, first
):
    sender = f"unanswered-{name}"
    suite.faults.plan(sender, Rule(PUT, fault, times=3))  # twice, and a kept connection anew
    with suite.client() as client:
        statuses = [client.post(sender, 1, TEXT)[0]]
        suite.faults.clear(sender)
        statuses += client.send(sender, 1, TEXT).statuses
    assert statuses == [first, 200]
    tally = one_turn(suite, sender)
    figures.tally(
        f"inbox takes a message, its answer is lost ({name})",
        tally,
        f"webhook: {first}, then 200",
    )
