"""Connectors written for Rasa run as they are, on the stand-in for Sanic."""

import json
import logging
import re

import pytest

from channels.errors import InboxUnavailable
from channels.handlers.custom_channels import custom_webhook
from channels.http.routes import current_call
from channels.turns.inbox_message import InboxMessage
from channels.wiring.registry import Channels, custom_document
from channels.wiring.services import Services
from tests.connectors import calls
from tests.servers.recording_server import recording_server


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


@pytest.mark.parametrize("call", ["health", "health with a slash", "json health"])
def test_health_is_the_connector_s(answers, call):
    assert answers[call][::2] == (200, {"status": "ok"})


def test_a_body_that_is_no_json_is_400(answers):
    assert answers["no JSON"][0] == 400


def test_a_connector_of_forms_with_more_routes_and_a_bearer_check(answers):
    page = "<body><p>1: a &amp; b pages None</p><p>2: a &amp; b pages None</p></body>"
    status, headers, body = answers["form"]
    assert (status, body) == (200, page)
    assert headers == {"content-type": "text/html; charset=utf-8", "x-pages": "7"}
    status, headers, document = answers["no token"]
    assert (status, document["message"]) == (401, "the token is wrong")
    assert headers["www-authenticate"] == 'Bearer realm="pages"'
    assert answers["sync handler"][2] == "7"
    assert answers["empty"] == (204, {}, "")
    assert answers["bytes"] == (200, {"content-type": "image/png"}, "\x89PNG\xff")
    assert answers["redirect"][0] == 302
    assert answers["redirect"][1]["location"] == "/webhooks/pages/version?from=old+page"
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


def test_a_connector_derived_from_rasa_s_rest_channel(answers):
    assert answers["checked health"][::2] == (200, {"status": "ok"})
    assert answers["checked, unknown"][::2] == (401, {"error": "who?"})
    metadata = {"person": "ann"}
    assert answers["checked"][2][0] == {
        "recipient_id": "ann",
        "text": f"1: x checked_rest {metadata}",
    }
    assert answers["checked, own route"][2] == {"cancelled": "u1"}
    assert answers["subclass, no text"][0] == 400
    assert answers["subclass, failure"][0] == 502
    lines = answers["subclass, stream"][2].splitlines()
    assert texts(map(json.loads, lines))[0] == "1: x other_rest None"


#: What the author of the three connectors expects, beside their files.
EXPECTED = {
    "json": (
        200,
        {
            "user_id": "u1",
            "replies": [
                {"text": "1: hi json_sync {'page': '/pricing'}"},
                {"text": "2: hi json_sync {'page': '/pricing'}"},
            ],
        },
    ),
    "json, failure": (500, {"error": "internal", "detail": "The assistant failed to answer."}),
    "json, long": (413, {"error": "too_long", "detail": "At most 2000 characters."}),
    "webhook, forged": (403, {"error": "bad signature"}),
    "webhook, ignored": (200, {"status": "ignored"}),
    "webhook, incomplete": (400, {"error": "'from' and 'body' needed"}),
    "gateway, verified": (200, "12345"),
    "gateway, wrong token": (403, "verification failed"),
    "gateway, no mode": (400, {"error": "'mode' must be 'subscribe'."}),
    "gateway": (
        200,
        "1: hi form_gateway {'City': 'North'}\n2: hi form_gateway {'City': 'North'}",
    ),
    "gateway, no bearer": (401, {"error": "Token missing."}),
    "gateway, wrong bearer": (403, {"error": "Token not accepted."}),
    "gateway, no body": (400, {"error": "The form needs 'From' and 'Body'."}),
    "gateway, failure": (503, "assistant not available"),
    "report": (204, ""),
    "report kept": (200, {"id": "m1", "state": "delivered"}),
    "no report": (404, {"error": "No report for 'm2'."}),
    "report of nothing": (400, {"error": "'MessageId' and a known 'Status' are needed."}),
}


@pytest.mark.parametrize("call", EXPECTED)
def test_connectors_of_somebody_who_knew_rasa_s_documentation_only(answers, call):
    assert answers[call][::2] == EXPECTED[call]


def test_headers_of_those_connectors(answers):
    assert answers["json"][1]["cache-control"] == "no-store"
    assert answers["gateway, no bearer"][1]["www-authenticate"] == 'Bearer realm="form"'
    assert answers["webhook, broken"][0] == 400


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

    arrived = InboxMessage.from_json(InboxMessage(channel, message, 1.0).to_json())
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


@pytest.fixture
def webhook(gateway):
    """The function of the connector that queues in the background, and its inbox."""
    path = "tests.connectors.webhook_connector.WebhookConnector"
    stored = custom_document(path, {"callback_url": gateway.url})
    inbox = Inbox()
    services = Services(lambda section: stored, calls.Agent, 5.0, inbox)
    return custom_webhook(services), inbox


def test_a_message_that_was_not_queued_is_no_duplicate_when_it_comes_again(webhook):
    """The connector swallows the failure, acknowledges, and remembers the event's id."""
    handle, inbox = webhook
    event = json.dumps({"event_id": "e1", "from": "u2", "body": "hi", "meta": {"tier": "gold"}})
    ask = (handle, "POST", "async_webhook/webhook", calls.JSON, event)
    inbox.is_down = True
    assert calls.answer(*ask)[0] == 503
    inbox.is_down = False
    status, _, document = calls.answer(*ask)
    assert (status, document) == (202, {"status": "accepted", "id": "e1"})
    assert calls.answer(*ask)[::2] == (200, {"status": "duplicate"})
    [(channel, message)] = inbox.queued
    assert (channel, message.message_id, message.text) == ("async_webhook", "e1", "hi")
    assert message.metadata["tier"] == "gold"
    assert len(message.metadata["request_id"]) == 36


@pytest.mark.parametrize(("status", "told"), [(200, 503), (202, 503), (500, 500), (409, 409)])
def test_a_handler_that_swallows_a_full_inbox_does_not_acknowledge(status, told):
    inbox = Inbox()
    inbox.is_down = True
    stored = custom_document(
        "tests.connectors.careless_connector.CarelessInput", {"status": status}
    )
    handle = custom_webhook(Services(lambda section: stored, calls.Agent, 5.0, inbox))
    assert calls.answer(handle, "POST", "careless/webhook", {}, "")[0] == told


def test_a_header_cannot_be_smuggled_in(caplog):
    stored = custom_document("tests.connectors.careless_connector.CarelessInput", {"status": 200})
    handle = custom_webhook(Services(lambda section: stored, calls.Agent, 5.0))
    query = "as=a%0d%0aSet-Cookie:%20b"
    for path in ("header", "refusal"):
        answer = handle(calls.event("GET", f"careless/{path}?{query}", {}, ""), None)
        assert (answer["statusCode"], list(answer["headers"])) == (500, ["content-type"])
        assert "internal error" in answer["body"]
    assert "contains a line break" in caplog.text


def test_the_missing_text_is_logged_without_the_text(caplog):
    with caplog.at_level(logging.WARNING):
        calls.answer(
            calls.handler(), "POST", "myio/webhook", calls.JSON, '{"message": "my secret"}'
        )
    told = r"channel myio: message [0-9a-f]{32} has no text: using 'message' of the body"
    assert re.search(told, caplog.text)
    assert "my secret" not in caplog.text


def test_no_request_outlives_its_answer():
    calls.answers()
    assert current_call.get(None) is None
