"""What cannot be dealt with does not stop a conversation, and comes back when it is asked for."""

from __future__ import annotations

import json

import pytest

from tests.e2e.faults.agent import echo
from tests.e2e.faults.faults import Kill, Moment, Rule
from tests.e2e.faults.platform_server import TAKEN
from tests.e2e.faults.steps import Step
from tests.e2e.faults.surroundings import WORKER
from tests.e2e.faults.tally import Tally, count
from tests.servers.rasa_script import Reply

SENDER = "poisoned"
TEXTS = ["poison 1", "hello 1", "poison 2", "hello 2"]
POISON = [text for text in TEXTS if text.startswith("poison")]
OTHERS = [text for text in TEXTS if text not in POISON]


def ops(suite, *arguments):
    """What a command of `python -m ops` says to scripts."""
    done = suite.stack.run.ops(*arguments, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def say_all(suite, sender, texts):
    with suite.client() as client:
        for number, text in enumerate(texts):
            client.send(sender, number, text)


def test_poisonous_messages_are_put_aside_and_brought_back(suite, figures):
    suite.agent.behaviour = lambda asked: Reply(500) if asked.text in POISON else echo(asked)
    say_all(suite, SENDER, TEXTS)
    assert suite.platform.wait_for(SENDER, len(OTHERS), within=60)
    assert suite.stack.wait_until_idle(within=60)
    assert suite.platform.received(SENDER) == {SENDER: OTHERS}
    assert suite.stack.depth("InboxDeadLetterQueue") == len(POISON)
    times = suite.agent.times_asked(SENDER)
    assert [times[text] for text in TEXTS] == [3, 1, 3, 1]

    traced = ops(suite, "trace", f"{SENDER}:0", "--channel", "callback")
    assert "given up" in json.dumps(traced)
    suite.reset()
    assert ops(suite, "redrive", "--sender", SENDER)["brought_back"] == len(POISON)
    assert suite.platform.wait_for(SENDER, len(TEXTS), within=60)
    assert suite.stack.wait_until_idle(within=60)
    assert suite.stack.depth("InboxDeadLetterQueue") == 0

    tally = count({SENDER: OTHERS + POISON}, suite.platform.received(SENDER))
    assert tally.received == tally.due
    assert not any(tally[2:]), tally
    figures.tally(
        "assistant fails on 2 of 4 messages of a conversation; mended, redriven",
        tally,
        "the others were answered meanwhile",
    )


def test_trace_tells_the_whole_journey(suite):
    sender = "traced"
    say_all(suite, sender, ["hello"])
    assert suite.platform.wait_for(sender, 1, within=60)
    assert suite.stack.wait_until_idle(within=60)
    done = suite.stack.run.ops("trace", f"{sender}:0")
    assert done.returncode == 0, done.stderr
    places = [
        done.stdout.index(word)
        for word in ("received", "claimed", "answered", "part 1 sent", "done")
    ]
    assert places == sorted(places)
    assert f"{sender}:0:1" in done.stdout, "the id under which the platform got the part"


def test_answers_that_the_platform_refuses_are_brought_back(suite, figures):
    sender, texts = "refused-answers", ["hello 1", "hello 2", "hello 3"]
    suite.platform.behaviour = lambda post: (404, b"", {}) if post.recipient == sender else TAKEN
    say_all(suite, sender, texts)
    assert suite.stack.wait_until_idle(within=60)
    assert suite.stack.depth("CallbackDeadLetterQueue") == len(texts)
    suite.reset()
    brought_back = ops(suite, "redrive", "--queue", "callback")["brought_back"]
    assert brought_back == len(texts)
    assert suite.platform.wait_for(sender, len(texts), within=60)
    assert suite.stack.wait_until_idle(within=60)

    tally = count({sender: texts}, suite.platform.received(sender))
    assert tally.received == tally.due
    assert not any(tally[2:]), tally
    figures.tally("platform answers 404 to 3 messages; mended, redriven", tally)


@pytest.mark.slow
def test_a_message_that_kills_every_worker_is_put_aside_and_brought_back(suite, figures):
    sender = "deadly"
    ask = Step(WORKER, "agent", "ask", 1)
    suite.faults.plan(sender, Rule(ask, Kill(Moment.BEFORE), times=3))
    with suite.stack.visibility_timeout(15):
        say_all(suite, sender, ["deadly", "hello"])
        assert suite.platform.wait_for(sender, 1, within=120)
        assert suite.stack.wait_until_idle(within=60)
    assert suite.platform.received(sender) == {sender: ["hello"]}
    assert ops(suite, "redrive", "--sender", sender)["brought_back"] == 1
    assert suite.platform.wait_for(sender, 2, within=60)
    assert suite.stack.wait_until_idle(within=60)

    tally = count({sender: ["hello", "deadly"]}, suite.platform.received(sender))
    assert tally == Tally(due=2, received=2)
    figures.tally("a message kills its worker three times; redriven", tally)
