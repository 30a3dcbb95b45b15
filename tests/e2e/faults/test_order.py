"""Many conversations at once, and a slow one among them."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.faults.tally import count
from tests.servers.rasa_script import Wait

CONVERSATIONS = 50
MESSAGES = 20
SENDERS = 4

#: A message that MiniStack takes while all of its Lambdas are busy comes back after this time
#: (seconds); with the template's 100 s the suite would wait for a few of them that long.
THROTTLED_FOR = 30


def thinking(seconds, about):
    """An assistant that takes its time for the questions that `about` chooses."""
    return lambda asked: [*([Wait(seconds)] if about(asked) else []), {"text": asked.text}]


def test_conversations_interleaved(suite, figures):
    texts = [f"message {number}" for number in range(MESSAGES)]
    due = {f"many-{number}": texts for number in range(CONVERSATIONS)}

    def send(senders):
        with suite.client() as client:
            return sum(
                len(client.send(sender, number, text).statuses) - 1
                for number, text in enumerate(texts)
                for sender in senders
            )

    start = time.monotonic()
    with suite.stack.visibility_timeout(THROTTLED_FOR):
        with ThreadPoolExecutor(max_workers=SENDERS) as threads:
            shares = [list(due)[number::SENDERS] for number in range(SENDERS)]
            sent_again = sum(threads.map(send, shares))
        taken_in = time.monotonic() - start
        suite.platform.wait_for("many-", CONVERSATIONS * MESSAGES, within=180)
        assert suite.stack.wait_until_idle(within=60)
    answered_in = max(post.at for post in suite.platform.posts("many-")) - start

    tally = count(due, suite.platform.received("many-"))
    assert tally.received == tally.due == CONVERSATIONS * MESSAGES
    assert not any(tally[2:]), tally
    assert {suite.agent.times_asked(sender).total() for sender in due} == {MESSAGES}
    figures.tally(
        f"{CONVERSATIONS} conversations of {MESSAGES} messages, interleaved by {SENDERS} senders",
        tally,
        f"taken in {taken_in:.0f} s, answered in {answered_in:.0f} s; webhooks sent again: "
        f"{sent_again}",
    )


def reply_times(suite, prefix, rounds=5, conversations=4):
    """From the webhook to the platform: the seconds of each message of a few conversations."""
    seconds = []
    with suite.client() as client:
        for number in range(rounds):
            for conversation in range(conversations):
                sender = f"{prefix}{conversation}"
                start = time.monotonic()
                client.send(sender, number, f"message {number}")
                assert suite.platform.wait_for(sender, number + 1, within=60)
                seconds.append(suite.platform.posts(sender)[-1].at - start)
    return seconds


@pytest.mark.parametrize("turn", [10, pytest.param(30, marks=pytest.mark.slow)])
def test_a_slow_conversation_delays_no_other(suite, figures, turn):
    suite.agent.behaviour = thinking(turn, lambda asked: asked.text == "slow")
    prefix = f"fast-{turn}-"
    reply_times(suite, f"{prefix}first-", rounds=1)  # its Lambdas have to start
    alone = reply_times(suite, f"{prefix}alone-")
    slow = f"slow-{turn}"
    with suite.client() as client:
        client.send(slow, 0, "slow")
        client.send(slow, 1, "after it")
    beside = reply_times(suite, f"{prefix}beside-")
    assert suite.platform.posts(slow) == [], "the others were answered while it was thinking"
    assert suite.platform.wait_for(slow, 2, within=turn + 60)

    assert suite.platform.received(slow) == {slow: ["slow", "after it"]}
    for kind in ("alone", "beside"):
        received = suite.platform.received(f"{prefix}{kind}-")
        assert all(texts == [f"message {n}" for n in range(5)] for texts in received.values())
    median_alone, median_beside = statistics.median(alone), statistics.median(beside)
    figures.figure(
        f"reply beside a conversation with a turn of {turn} s, and without it (median of "
        f"{len(alone)} each)",
        f"{median_beside:.3f} s, {median_alone:.3f} s: ratio {median_beside / median_alone:.2f}",
    )


def test_acknowledgement_while_the_assistant_sleeps(suite, figures):
    count_each, sleep = 20, 5
    suite.agent.behaviour = thinking(sleep, lambda asked: asked.sender.startswith("ack-sleepy-"))
    seconds: dict[str, list[float]] = {"sleepy": [], "quick": []}
    with suite.client() as client:
        client.send("ack-warm", 0, "hello")
        for number in range(count_each):
            for kind, measured in seconds.items():
                # Different conversations, so that no message waits for another's turn.
                measured.append(client.send(f"ack-{kind}-{number}", 0, "hello").seconds)
    assert suite.platform.wait_for("ack-", 2 * count_each + 1, within=120)
    sleepy, quick = (statistics.median(seconds[kind]) for kind in ("sleepy", "quick"))
    figures.figure(
        f"acknowledgement while the assistant sleeps {sleep} s, and 0 s (median of {count_each})",
        f"{sleepy * 1000:.0f} ms, {quick * 1000:.0f} ms: ratio {sleepy / quick:.2f}",
    )
