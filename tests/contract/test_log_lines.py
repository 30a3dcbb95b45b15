"""What functions log, print as metrics and answer: ids; never what was said or what proves it."""

import json
import logging
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest

from channels.errors import AgentError, AgentUnavailable
from channels.http.request import Request
from channels.telemetry.logs import FIELDS, begin_fields, start_logging
from channels.turns.outcome import DeadLetter, Done, RetryLater
from channels.wiring.registry import create_channel
from tests.contract.worker import Talker, Worker
from tests.functions.observed import counted
from tests.servers.recording_server import recording_server

#: In every example's text or address, taken for the whole of it.
_SHORTEST = 8

#: What the bot says: no line may hold it.
SAID = "said-by-the-bot-4711"
ANSWERS = [
    {"text": SAID},
    {"text": SAID, "buttons": [{"title": SAID, "payload": f"/{SAID}"}]},
    {"image": f"https://example.com/{SAID}.png"},
    {"custom": {"text": SAID}},
]
CONTEXT = SimpleNamespace(aws_request_id="request-0001")

#: What every line of the worker about a message bears.
OF_A_MESSAGE = {"requestId", "trace_id", "channel", "message_id", "sender_id"}


@pytest.fixture(autouse=True)
def _listening(caplog):
    caplog.set_level(logging.DEBUG)
    start_logging("DEBUG")
    yield
    start_logging("INFO")
    begin_fields(None)


def values(settings):
    """All texts in a section of credentials."""
    if isinstance(settings, dict):
        return {text for value in settings.values() for text in values(value)}
    if isinstance(settings, list):
        return {text for value in settings for text in values(value)}
    return {settings} if isinstance(settings, str) else set()


def secrets(section):
    keys = ("secret", "token", "password", "pw", "key", "verify")
    return {
        text
        for name, value in section.items()
        if any(word in name for word in keys) and not name.endswith("_url")
        for text in values(value)
        if len(text) >= _SHORTEST
    }


def logged(caplog):
    """All that Lambda would write of the lines: texts, tracebacks, fields."""
    lines = [caplog.text]
    lines += [json.dumps({k: str(v) for k, v in vars(each).items()}) for each in caplog.records]
    return "\n".join(lines)


@pytest.mark.parametrize("proof", ["right", "wrong", "none"])
def test_no_log_line_holds_a_text_or_a_secret(channel, caplog, proof):
    event = channel.event(signed=proof != "none")
    if proof == "wrong":
        channel.sample.tamper(event)
    answer = channel.handler(event, CONTEXT)
    texts = {message.text for _, message in channel.inbox.queued if message.text}
    held = secrets(channel.sample.credentials) | {text for text in texts if len(text) > 2}
    assert proof != "right" or channel.sample.answers_in_request or caplog.text
    written = logged(caplog) + (answer["body"] if answer["statusCode"] >= 400 else "")
    assert [text for text in held if text in written] == []


def test_a_webhooks_lines_say_what_they_are_about(queued_channel, caplog):
    event = queued_channel.event()
    event["headers"]["x-amzn-trace-id"] = "Root=1-traced"
    queued_channel.handler(event, CONTEXT)
    [(name, message)] = queued_channel.inbox.queued
    ours = [each for each in caplog.records if each.name.startswith("channels")]
    assert ours
    for record in ours:
        assert (record.requestId, record.channel) == (CONTEXT.aws_request_id, name)
        assert record.trace_id == "1-traced"
    assert (ours[-1].message_id, ours[-1].sender_id) == (message.message_id, message.sender_id)


class Outbox:
    """The callback queue."""

    def put(self, group, document_id, document):
        """Take a document."""


def echo(request, sample):
    """A platform that refuses for good, and repeats all that it was told."""
    is_form = request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    sent = dict(parse_qsl(request.body.decode())) if is_form else request.json
    return sample.refusal(f"refused: {' '.join(sorted(values(sent)))}")


def taken(request, sample):
    """A platform that takes everything."""
    return sample.platform(request)


def busy(request, sample):
    """A platform that has no time."""
    return 429, request.body, {"retry-after": "7"}


def down(request, sample):
    """A platform that fails."""
    return 500, request.body, {}


def foreign(request, sample):
    """Something in between that answers, and repeats all that it was told."""
    return 403, b"<html>" + request.body, {"content-type": "text/html"}


FAILURES = {
    "none": (taken, None),
    "agent refuses": (taken, AgentError("the agent failed")),
    "agent is down": (taken, AgentUnavailable("the agent cannot be reached")),
    "platform refuses": (echo, None),
    "platform is busy": (busy, None),
    "platform is down": (down, None),
    "something in between answers": (foreign, None),
}


def turn(channel, kind, failures=3):
    """A whole turn: webhook, queue, agent, platform; gives the worker, the outcomes, what is held.

    The message comes twice.
    """
    respond, failure = FAILURES[kind]
    sample = channel.sample
    with recording_server(lambda request: respond(request, sample)) as server:
        credentials = dict(sample.credentials)
        if sample.platform is not None:
            credentials[sample.platform_key] = server.url
        instance = create_channel(sample.channel or channel.name, credentials)
        instance.memory, instance.outbox = channel.instance.memory, Outbox()
        event = channel.event()
        sample.place(event, server.url)
        [message] = instance.parse(Request.from_event(event))
        worker = Worker(instance, Talker(ANSWERS, failure), failures)
        outcomes = [worker.take(channel.name, message, CONTEXT) for _ in range(2)]
    held = secrets(credentials) | {SAID}
    held |= {message.text} if message.text and len(message.text) > 2 else set()
    return worker, outcomes, held


@pytest.mark.parametrize("kind", FAILURES)
def test_no_line_of_a_whole_turn_holds_what_was_said(queued_channel, caplog, kind):
    worker, _, held = turn(queued_channel, kind)
    written = logged(caplog) + "\n".join(worker.metrics)
    assert [text for text in held if text in written] == []
    ours = [each for each in caplog.records if each.name.startswith("channels")]
    for record in ours:
        assert {name for name in FIELDS if hasattr(record, name)} >= OF_A_MESSAGE, record
    assert ours


def test_turns_that_go_well_and_come_again_are_counted(queued_channel):
    worker, outcomes, _ = turn(queued_channel, "none")
    assert outcomes == [Done(), Done()]
    [turned] = worker.journal.turns.values()
    assert counted(worker.metrics) == {
        "Turns": 1,
        "Duplicates": 1,
        "AgentMilliseconds": 1,
        "Parts": turned["parts"],
        "SendMilliseconds": turned["parts"],
    }
    assert {json.loads(line)["Channel"] for line in worker.metrics} == {queued_channel.name}


def test_what_comes_again_and_what_is_given_up_on_is_counted(queued_channel):
    worker, outcomes, _ = turn(queued_channel, "agent refuses", failures=2)
    assert [type(outcome) for outcome in outcomes] == [RetryLater, DeadLetter]
    assert counted(worker.metrics) == {"Retries": 1, "DeadLetters": 1, "AgentMilliseconds": 2}
