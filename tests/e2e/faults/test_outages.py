"""The assistant or the platform is down for a while, or answers with everything but success."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.e2e.faults.agent import in_two_parts
from tests.e2e.faults.faults import Refuse, Rule
from tests.e2e.faults.platform_server import TAKEN
from tests.e2e.faults.slack_server import TAKEN as SLACK_TAKES
from tests.e2e.faults.slack_server import say as say_on_slack
from tests.e2e.faults.steps import Step
from tests.e2e.faults.surroundings import PLATFORM_TIMEOUT, WORKER
from tests.e2e.faults.tally import count
from tests.pages import PAGES
from tests.servers.rasa_script import Hang, Reply

CONVERSATIONS = 6

#: A turn's limit while the assistant hangs, and how long each kind of its outage lasts (seconds).
AGENT_TIMEOUT = 3
OUTAGE = 4


def senders(prefix):
    return [f"{prefix}{number}" for number in range(CONVERSATIONS)]


def say(suite, prefix, number):
    """One message of each conversation."""
    with suite.client() as client:
        for sender in senders(prefix):
            client.send(sender, number, f"message {number}")


def check(suite, prefix, numbers, within):
    """Every conversation's answers, in order and once; gives the tally."""
    due = {sender: [f"message {number}" for number in numbers] for sender in senders(prefix)}
    suite.platform.wait_for(prefix, sum(map(len, due.values())), within)
    assert suite.stack.wait_until_idle(within)
    tally = count(due, suite.platform.received(prefix))
    assert tally.received == tally.due
    assert not any(tally[2:]), tally
    return tally


def test_an_assistant_that_is_down_and_then_fails_and_then_hangs(suite, figures):
    with suite.stack.environment(WORKER, AGENT_TIMEOUT=str(AGENT_TIMEOUT)):
        with suite.agent_proxy.refusing():
            say(suite, "agent-down-", 1)
            time.sleep(OUTAGE)
        suite.agent.behaviour = lambda asked: Reply(503)
        say(suite, "agent-down-", 2)
        time.sleep(OUTAGE)
        suite.agent.behaviour = lambda asked: Hang()
        say(suite, "agent-down-", 3)
        time.sleep(OUTAGE)
        suite.reset()
        say(suite, "agent-down-", 4)
        tally = check(suite, "agent-down-", (1, 2, 3, 4), within=90)
    assert any(suite.agent.times_asked(each).total() > 4 for each in senders("agent-down-"))
    figures.tally(f"assistant down for {3 * OUTAGE} s: connections refused, 503, no answer", tally)


class Refusing:
    """Refuses each delivery once, by its conversation in another way."""

    retry_after = 2

    def __init__(self):
        self.arrivals = {}

    def __call__(self, post):
        arrivals = self.arrivals.setdefault(post.delivery_id, [])
        arrivals.append(post.at)
        if len(arrivals) > 1:
            return TAKEN
        kind = int(post.recipient[-1]) % 5
        if kind == 0:
            return 429, b"", {"retry-after": str(self.retry_after)}
        if kind == 1:
            return 500, b"", {}
        if kind == 2:
            time.sleep(PLATFORM_TIMEOUT + 0.5)
            return None
        return None if kind == 3 else (503, b"", {})


def test_a_platform_that_refuses_every_message_once(suite, figures):
    refusing = suite.platform.behaviour = Refusing()
    for number in (1, 2):
        say(suite, "refusing-", number)
    tally = check(suite, "refusing-", (1, 2), within=90)
    assert Counter(map(len, refusing.arrivals.values())) == {2: tally.due}
    [first_id] = [each for each in refusing.arrivals if each.startswith("refusing-0:1:1:")]
    first, second = refusing.arrivals[first_id]
    assert second - first >= Refusing.retry_after
    figures.tally(
        "platform refuses every message once: 429 with Retry-After, 500, 503, no answer, reset",
        tally,
    )


#: Longer than a hundred receives took when a platform asked for no patience at all (seconds).
BAD_DAY = 20

#: What Slack answers meanwhile, by the conversation's name.
NO_PATIENCE = {
    "BUSY0": (429, b'{"ok": false, "error": "ratelimited"}', {"retry-after": "0"}),
    "BUSY1": (429, b'{"ok": false, "error": "ratelimited"}', {"retry-after": "1"}),
    "BUSY2": (429, b"<html>slow down</html>", {"retry-after": "0"}),
}
IN_BETWEEN = {
    "PAGE0": PAGES["a captive portal"],
    "PAGE1": PAGES["a login elsewhere"],
    "PAGE2": PAGES["a page of 403"],
    "PAGE3": PAGES["AWS's API gateway"],
    "PAGE4": PAGES["an empty 404"],
}


def test_a_platform_that_asks_for_no_patience_and_pages_in_its_place(suite, figures):
    answers = NO_PATIENCE | IN_BETWEEN
    texts = ["message 1", "message 2"]
    suite.slack.behaviour = lambda message: answers[message.conversation]
    for number, text in enumerate(texts, start=1):
        for conversation in answers:
            say_on_slack(suite.stack.http_url, conversation, number, text)
    time.sleep(BAD_DAY)
    assert suite.slack.taken == []
    suite.reset()
    assert suite.slack.wait_for(len(texts) * len(answers), within=90)
    assert suite.stack.wait_until_idle(within=60)
    assert suite.stack.depth("InboxDeadLetterQueue") == 0

    attempts = Counter(message.conversation for message in suite.slack.arrived)
    for what, prefix in (
        (f"platform asks for no patience for {BAD_DAY} s: 429 with Retry-After 0 and 1", "BUSY"),
        (f"pages in the platform's place for {BAD_DAY} s: 200, 302, 403, 404, JSON", "PAGE"),
    ):
        due = {name: texts for name in answers if name.startswith(prefix)}
        tally = count(due, suite.slack.received(prefix))
        assert tally.received == tally.due
        assert not any(tally[2:]), tally
        most = max(attempts[name] for name in due)
        figures.tally(what, tally, f"{most} calls of a conversation at most")


#: Parts of a long reply, how long Slack takes for each, and until when a part may begin (seconds).
MANY = 8
SLOW = 1.5
TIME_LIMIT = 4


def test_a_reply_that_takes_longer_than_an_attempt(suite, figures):
    def long_reply(asked):
        return [{"text": f"{asked.text} part {number}"} for number in range(MANY)]

    def slow(message):
        time.sleep(SLOW)
        return SLACK_TAKES

    conversation, texts = "SLOW0", ["message 1", "message 2"]
    with suite.stack.environment(WORKER, AGENT_TIMEOUT=str(TIME_LIMIT)):
        suite.agent.behaviour, suite.slack.behaviour = long_reply, slow
        before = len(suite.slack.taken)
        for number, text in enumerate(texts, start=1):
            say_on_slack(suite.stack.http_url, conversation, number, text)
        assert suite.slack.wait_for(before + MANY * len(texts), within=120)
        assert suite.stack.wait_until_idle(within=60)
    assert suite.stack.depth("InboxDeadLetterQueue") == 0
    due = {conversation: [f"{text} part {n}" for text in texts for n in range(MANY)]}
    tally = count(due, suite.slack.received(conversation))
    assert tally.received == tally.due
    assert not any(tally[2:]), tally
    figures.tally(
        f"a reply of {MANY} parts takes {MANY * SLOW:.0f} s, an attempt ends after {TIME_LIMIT} s",
        tally,
    )


#: The writes after a turn's claim, by their number among the worker's updates of the table: the
#: replies, the marks of two parts, the end.
WRITES_AFTER_CLAIM = {"replies": 3, "part-1": 4, "part-2": 5, "end": 6}

#: How many updates in a row are refused: an attempt's write and its error, then three claims, each
#: tried three times by the SDK.
REFUSED = 15


def test_a_state_table_that_refuses_writes_after_the_claim(suite, figures):
    suite.agent.behaviour = in_two_parts
    refuse = Refuse(400, "ProvisionedThroughputExceededException")
    names = {f"table-{what}": number for what, number in WRITES_AFTER_CLAIM.items()}
    for name, number in names.items():
        step = Step(WORKER, "dynamodb", "UpdateItem", number)
        suite.faults.plan(name, Rule(step, refuse, times=REFUSED))
    with suite.client() as client:
        for name in names:
            for number in (1, 2):
                client.send(name, number, f"message {number}")
    assert suite.platform.wait_for("table-", 4 * len(names), within=120)
    assert suite.stack.wait_until_idle(within=90)
    struck = Counter(strike.conversation for strike in suite.faults.strikes)
    assert {name: struck[name] for name in names} == dict.fromkeys(names, REFUSED)
    assert suite.stack.depth("InboxDeadLetterQueue") == 0

    parts = [f"message {number} {part}" for number in (1, 2) for part in ("one", "two")]
    tally = count(dict.fromkeys(names, parts), suite.platform.received("table-"))
    assert tally.received == tally.due
    assert not any(tally[2:]), tally
    asked = {name: suite.agent.times_asked(name).total() - 2 for name in names}
    assert all(again == 0 for name, again in asked.items() if name != "table-replies"), asked
    figures.tally(
        f"state table refuses {REFUSED} updates in a row, from each write after the claim on",
        tally,
        f"assistant asked again: {sum(asked.values())}",
    )


@pytest.mark.parametrize("seconds", [14, pytest.param(120, marks=pytest.mark.slow)])
def test_a_platform_that_is_down(suite, figures, seconds):
    prefix = f"platform-down-{seconds}-"
    with suite.platform_proxy.refusing():
        end = time.monotonic() + seconds
        for number in (1, 2, 3):
            say(suite, prefix, number)
            time.sleep(1)
        assert suite.platform.received(prefix) == {}
        time.sleep(end - time.monotonic())
    up = time.monotonic()
    tally = check(suite, prefix, (1, 2, 3), within=seconds + 60)
    last = max(post.at for post in suite.platform.posts(prefix)) - up
    figures.tally(
        f"platform down for {seconds} s: connections refused",
        tally,
        f"the last message arrived {last:.0f} s after it was up again",
    )
