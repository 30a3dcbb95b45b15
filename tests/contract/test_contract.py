"""What every channel of the registry keeps to."""

import asyncio
import copy
import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.channel import InputChannel
from channels.http.request import Request
from channels.turns.inbox_message import InboxMessage
from channels.turns.parts import Parts, single_kinds
from channels.wiring.registry import BUILT_IN, create_channel
from tests.contract.samples import SAMPLES, WITHOUT_A_WEBHOOK
from tests.servers.recording_server import recording_server

EVERY_KIND = {
    "text": "Pick",
    "buttons": [{"title": "T", "payload": "/p"}],
    "custom": {"a": 1},
    "image": "https://example.com/i.png",
    "attachment": "https://example.com/f.pdf",
    "elements": [{"title": "E", "subtitle": "S", "buttons": [{"title": "T", "payload": "/p"}]}],
}


def test_every_built_in_channel_is_under_contract():
    assert set(SAMPLES) | WITHOUT_A_WEBHOOK == set(BUILT_IN)


def test_a_channel_says_how_it_verifies(channel):
    assert type(channel.instance).verify is not InputChannel.verify


def test_its_example_is_accepted(channel):
    assert channel.post(channel.event())["statusCode"] == 200


@pytest.mark.parametrize("change", ["no proof", "wrong proof"])
def test_what_is_not_proved_is_refused_without_detail_and_not_queued(channel, change):
    event = channel.event(signed=change != "no proof")
    if change == "wrong proof":
        channel.sample.tamper(event)
    answer = channel.post(event)
    assert answer["statusCode"] in (401, 403)
    assert json.loads(answer["body"])["message"] == "request refused"
    assert channel.inbox.queued == []


@pytest.mark.parametrize("slash", ["", "/"])
def test_health_needs_no_proof(channel, slash):
    event = channel.event(signed=False)
    event["rawPath"] = f"/webhooks/{channel.name}{slash}"
    event["requestContext"]["http"]["method"] = "GET"
    assert channel.post(event)["body"] == '{"status": "ok"}'


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(channel, method):
    event = channel.event()
    event["requestContext"]["http"]["method"] = method
    assert channel.post(event)["statusCode"] == 405


def test_a_body_too_large_is_413_before_anything_else(channel):
    event = channel.event(signed=False)
    event["body"] = "x" * (type(channel.instance).max_body_size + 1)
    assert channel.post(event)["statusCode"] == 413


def test_parsing_is_pure(channel):
    request = Request.from_event(channel.event())
    is_form = request.content_type == "application/x-www-form-urlencoded"

    def content():
        return copy.deepcopy((request.headers, request.body, None if is_form else request.json))

    before = content()
    first, second = channel.instance.parse(request), channel.instance.parse(request)
    assert content() == before
    assert [message.text for message in first] == [message.text for message in second]


def test_what_bots_and_systems_write_is_ignored_and_logged(channel, ignored, caplog):
    caplog.set_level(logging.DEBUG, "channels")
    assert channel.post(channel.event(ignored))["statusCode"] == 200
    assert channel.inbox.queued == []
    assert [each for each in caplog.records if "ignored" in each.getMessage()]


def test_a_mention_alone_is_a_message_with_words(channel, mention):
    [message] = channel.instance.parse(Request.from_event(channel.event(mention)))
    assert message.text


def test_a_message_is_queued_under_the_platforms_id(queued_channel):
    for _ in range(2):
        queued_channel.post(queued_channel.event())
    (name, first), (_, again) = queued_channel.inbox.queued
    assert name == queued_channel.name
    assert first.message_id == again.message_id, "what is sent again is the same message"
    assert first.sender_id == again.sender_id


def test_a_message_crosses_the_queue_and_can_be_answered(queued_channel):
    queued_channel.post(queued_channel.event())
    [(name, message)] = queued_channel.inbox.queued
    arrived = InboxMessage.from_json(InboxMessage(name, message, 1.0).to_json()).message
    assert arrived.reply_to == message.reply_to
    assert queued_channel.instance.output_for(arrived).name()


def test_no_acknowledgement_while_the_inbox_refuses(queued_channel):
    taken = queued_channel.post(queued_channel.event())
    queued_channel.inbox.is_down = True
    answer = queued_channel.post(queued_channel.event())
    if (
        queued_channel.instance.unavailable_response(Request.from_event(queued_channel.event()))
        is None
    ):
        assert answer["statusCode"] == 503
        assert answer["headers"]["retry-after"]
    else:
        assert answer["body"] != taken["body"], "an apology that the user sees"


class Outbox:
    def __init__(self):
        self.documents = []

    def put(self, group, document_id, document):
        self.documents.append((document_id, json.dumps(document)))


def sent(channel, message, already_sent=0):
    """What a bot message becomes on the way out of a queued channel, and the number of parts."""
    if channel.sample.platform is None:
        channel.instance.outbox = outbox = Outbox()
        marks = rendered(channel, channel.instance, message, already_sent)
        return outbox.documents, marks
    with recording_server(channel.sample.platform) as server:
        credentials = {**channel.sample.credentials, channel.sample.platform_key: server.url}
        instance = create_channel(channel.sample.channel or channel.name, credentials)
        instance.memory = channel.instance.memory
        marks = rendered(channel, instance, message, already_sent, server.url)
    return [(call.path, call.body) for call in server.requests], marks


def rendered(channel, instance, message, already_sent, platform_url=""):
    """Send a bot message as the answer to the channel's example; gives the marks of its parts."""
    event = channel.event()
    channel.sample.place(event, platform_url)
    [received] = instance.parse(Request.from_event(event))
    output = instance.output_for(received)
    marks = []
    output.parts = Parts(already_sent, lambda parts, platform_id: marks.append(parts))
    for single in single_kinds(message):
        asyncio.run(output.send_response(received.sender_id, single))
    return marks


@pytest.mark.parametrize("kind", ["text", "buttons", "custom", "image", "attachment", "elements"])
def test_every_kind_of_message_is_sent_and_left_as_it_is(queued_channel, kind):
    message = {"text": EVERY_KIND["text"], kind: EVERY_KIND[kind]}
    before = copy.deepcopy(message)
    documents, marks = sent(queued_channel, message)
    assert documents
    assert message == before
    assert marks == list(range(1, len(documents) + 1))


def test_a_turn_goes_on_after_any_part(queued_channel):
    whole, marks = sent(queued_channel, EVERY_KIND)
    assert len(whole) > 3
    for already_sent in range(len(marks) + 1):
        rest, _ = sent(queued_channel, EVERY_KIND, already_sent)
        assert rest == whole[already_sent:]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(body=st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_body_gets_a_civil_answer(channel, body):
    event = channel.event()
    event["body"] = body
    answer = channel.post(event)
    assert answer["statusCode"] in (200, 400, 401, 403)
    assert "Traceback" not in answer["body"]
