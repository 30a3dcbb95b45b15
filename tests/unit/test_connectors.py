"""Connectors written for Rasa run as they are, on the stand-in for Sanic."""

import json
import logging

import pytest

from channels.calls import current_call
from channels.custom import custom_webhook
from channels.errors import InboxUnavailable
from channels.queued import QueuedMessage
from channels.registry import Channels, custom_document
from channels.services import Services
from tests.connectors import calls
from tests.recording_server import recording_server


@pytest.fixture(scope="module")
def answers():
    return calls.answers()


def texts(document):
    return [message["text"] for message in document]


def test_the_documentation_s_class_answers_what_it_reads(answers):
    status, _, document = answers["text"]
    assert status == 200
    assert document[0] == {"recipient_id": "a", "text": "1: hello myio None"}


def test_the_documentation_s_class_answers_the_documentation_s_curl(answers):
    status, _, document = answers["documented curl"]
    assert (status, texts(document)[0]) == (200, "1: Hi there! myio None")


@pytest.mark.parametrize("call", ["health", "health with a slash"])
def test_health_is_the_connector_s(answers, call):
    assert answers[call][::2] == (200, {"status": "ok"})
    assert answers["own health"][2] == {"status": "ok", "shop": "open"}


def test_a_synchronous_json_connector(answers):
    basket = "{'basket': None, 'page': '1'}"
    assert answers["metadata"][2] == {"answers": [f"1: ? shop {basket}", f"2: ? shop {basket}"]}
    assert answers["own status"][::2] == (422, {"error": "customer is missing"})
    assert answers["swallowed failure"][::2] == (500, {"error": "no answer"})
    assert answers["no JSON"][0] == 400


def test_an_agent_s_failure_that_the_connector_lets_through_is_told(answers):
    assert answers["failure"][0] == 502


def test_a_connector_of_forms_with_more_routes_and_a_bearer_check(answers):
    page = "<body><p>1: a &amp; b forms None</p><p>2: a &amp; b forms None</p></body>"
    status, headers, body = answers["form"]
    assert (status, body) == (200, page)
    assert headers == {"content-type": "text/html; charset=utf-8", "x-forms": "7"}
    status, headers, document = answers["no token"]
    assert (status, document["message"]) == (401, "the token is wrong")
    assert headers["www-authenticate"] == 'Bearer realm="forms"'
    assert answers["sync handler"][2] == "7"
    assert answers["empty"] == (204, {}, "")
    assert answers["bytes"] == (200, {"content-type": "image/png"}, "\x89PNG\xff")
    assert answers["redirect"][0] == 302
    assert answers["redirect"][1]["location"] == "/webhooks/forms/version?from=old+page"
    assert answers["wrong method"][0] == 405
    assert answers["no route"][0] == 404


def test_a_connector_is_made_once_and_keeps_its_state(answers):
    assert (answers["state"][2], answers["state kept"][2]) == (1, 2)


def test_what_a_connector_reads_of_a_request(answers):
    assert answers["request"][2] == {
        "body": '{"a": "é"}',
        "method": "POST",
        "query": "1",
        "all": ["1", "2"],
        "json": {"a": "é"},
        "form": None,
        "token": "t",
    }
    empty = answers["request of a form"][2]
    assert (empty["json"], empty["token"]) == (None, None)


def test_a_connector_after_rest_input(answers):
    assert texts(answers["collected"][2]) == ["1: x streams None", "2: x streams None"]
    status, headers, body = answers["streamed"]
    assert (status, headers["content-type"]) == (200, "text/event-stream")
    assert texts(map(json.loads, body.splitlines())) == ["1: x None None", "2: x None None"]
    assert texts(answers["subclass of ours"][2])[0] == "1: x other_rest None"


class Inbox:
    def __init__(self):
        self.queued = []
        self.is_down = False

    def put(self, channel, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        self.queued += [(channel, message) for message in messages]


@pytest.fixture
def gateway():
    """The URL that pagers are written to; `requests` are what came."""
    with recording_server(lambda request: (200, b"", {})) as server:
        yield server


@pytest.fixture
def pager(gateway):
    """The pager connector's function, and its inbox."""
    settings = {"webhook_url": gateway.url, "key": "k"}
    stored = custom_document("tests.connectors.pager_connector.PagerInput", settings)
    inbox = Inbox()
    services = Services(lambda section: stored, calls.Agent, 5.0, inbox)
    return custom_webhook(services), inbox, stored


def post(handle, path, document):
    return calls.answer(handle, "POST", f"pager/{path}", calls.JSON, json.dumps(document))[0]


def test_an_output_that_the_worker_can_make_again_goes_through_the_inbox(pager, gateway):
    handle, inbox, stored = pager
    assert post(handle, "webhook", {"pager": "p1", "text": "hi", "id": "e1"}) == 202
    [(channel, message)] = inbox.queued
    assert gateway.requests == []
    assert (channel, message.message_id, message.sender_id) == ("pager", "e1", "p1")

    arrived = QueuedMessage.from_json(QueuedMessage(channel, message, 1.0).to_json())
    output = Channels(lambda section: stored)(arrived.channel).output_for(arrived.message)
    assert (output.name(), output.webhook_url, output.key) == ("pager", gateway.url, "k")


def test_nothing_is_acknowledged_that_is_not_in_the_inbox(pager):
    handle, inbox, _ = pager
    inbox.is_down = True
    assert post(handle, "webhook", {"pager": "p1", "text": "hi"}) == 503


def test_an_output_of_this_request_only_is_answered_in_it_to_the_end(pager, gateway):
    handle, inbox, _ = pager
    document = {"pager": "p1", "text": "hi", "answer_to": f"{gateway.url}/other"}
    assert post(handle, "elsewhere", document) == 202
    assert inbox.queued == []
    sent = [(request.path, request.json["text"]) for request in gateway.requests]
    assert sent == [("/other", "1: hi pager None"), ("/other", "2: hi pager None")]


def test_a_turn_that_fails_in_the_background_is_not_acknowledged(pager, gateway):
    document = {"pager": "p1", "text": "fail", "answer_to": f"{gateway.url}/other"}
    assert post(pager[0], "elsewhere", document) == 502


def test_the_missing_text_is_logged_without_the_text(caplog):
    with caplog.at_level(logging.WARNING):
        calls.answer(
            calls.handler(), "POST", "myio/webhook", calls.JSON, '{"message": "my secret"}'
        )
    assert "channel myio: found no text, took the body's 'message'" in caplog.text
    assert "my secret" not in caplog.text


def test_no_request_outlives_its_answer():
    calls.answers()
    assert current_call.get(None) is None
