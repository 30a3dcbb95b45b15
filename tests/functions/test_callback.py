"""functions/callback and functions/callback_delivery, driven by events."""

import base64
import importlib.util
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InboxUnavailable
from channels.services import Services
from channels.webhook import webhook
from ops import ROOT
from tests.recording_server import recording_server

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(["sender", "message", "metadata", "input_channel", "message_id", "x"]),
            children,
        )
    ),
    max_leaves=12,
)


#: Leaves nothing open behind a handler, which has no end.
CLOSE = {"connection": "close"}


class Inbox:
    """Keeps what is queued; refuses when told to."""

    def __init__(self, is_down=False):
        self.queued, self.is_down = [], is_down

    def put(self, channel, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        self.queued += [(channel, message) for message in messages]


def no_agent():
    raise AssertionError("the agent is not asked before the caller has its answer")


def handler_of(inbox, **settings):
    section = {"url": "https://example.com/bot", **settings}
    return webhook("callback", Services(lambda name: section, no_agent, inbox=inbox))


def posted(example, body, is_base64=False):
    return {**example("callback/text"), "body": body, "isBase64Encoded": is_base64}


@pytest.mark.parametrize(
    ("event", "status", "body"),
    [
        ("health", 200, '{"status": "ok"}'),
        ("text", 500, "the channel is not set up"),
        ("malformed", 500, "the channel is not set up"),
    ],
)
def test_without_credentials_only_health_answers(lambda_handler, example, event, status, body):
    answer = lambda_handler("callback")(example(f"callback/{event}"), None)
    assert answer["statusCode"] == status
    assert body in answer["body"]


def test_the_caller_hears_success_at_once_and_the_message_is_queued(example):
    inbox = Inbox()
    answer = handler_of(inbox)(example("callback/text"), None)
    assert (answer["statusCode"], answer["body"]) == (200, "success")
    [(channel, message)] = inbox.queued
    assert channel == "callback"
    assert (message.text, message.sender_id, message.message_id) == ("hi", "me", "order-4711")
    assert (message.metadata, message.input_channel) == (None, "callback")


def test_metadata_and_input_channel_are_queued(example):
    inbox = Inbox()
    assert handler_of(inbox)(example("callback/metadata"), None)["statusCode"] == 200
    [(_, message)] = inbox.queued
    assert (message.metadata, message.input_channel) == ({"page": "/pricing"}, "website")


def test_what_cannot_be_read_is_told_and_not_queued(example):
    inbox = Inbox()
    answer = handler_of(inbox)(example("callback/malformed"), None)
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["message"] == "Failed when parsing body as json"
    assert inbox.queued == []


def test_an_inbox_that_refuses_is_never_a_2xx(example):
    answer = handler_of(Inbox(is_down=True))(example("callback/text"), None)
    assert answer["statusCode"] == 503
    assert answer["headers"]["retry-after"] == "5"


def assert_civil(answer, inbox):
    json.dumps(answer)
    assert answer["statusCode"] in (200, 400)
    assert len(inbox.queued) == (1 if answer["statusCode"] == 200 else 0)
    for _, message in inbox.queued:
        assert len(message.sender_id) <= 1024
        assert len(message.message_id) <= 512


@given(body=st.binary(max_size=500))
def test_random_bytes(example, body):
    inbox = Inbox()
    event = posted(example, base64.b64encode(body).decode(), is_base64=True)
    assert_civil(handler_of(inbox)(event, None), inbox)


@given(body=st.text(max_size=200), is_base64=st.booleans())
def test_random_text(example, body, is_base64):
    inbox = Inbox()
    assert_civil(handler_of(inbox)(posted(example, body, is_base64), None), inbox)


@given(document=JSON)
def test_json_of_wrong_types(example, document):
    inbox = Inbox()
    assert_civil(handler_of(inbox)(posted(example, json.dumps(document)), None), inbox)


@given(
    parts=st.fixed_dictionaries(
        {"message": st.text(max_size=20)},
        optional={
            "sender": st.text(max_size=1100) | st.integers(),
            "message_id": st.text(max_size=600),
            "input_channel": st.text(max_size=20),
            "metadata": st.none() | st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
        },
    )
)
def test_any_message_is_queued_or_refused_for_its_length(example, parts):
    inbox = Inbox()
    answer = handler_of(inbox)(posted(example, json.dumps(parts)), None)
    assert_civil(answer, inbox)
    if len(str(parts.get("sender"))) <= 1024 and len(parts.get("message_id", "")) <= 512:
        assert answer["statusCode"] == 200


def test_the_delivery_function_brings_a_message_from_its_queue_to_the_url(monkeypatch):
    parameter = {}

    def respond(request):
        if request.path != "/":
            return 200, b"ok", CLOSE
        assert request.json["Name"] == "/stack/credentials/callback"
        return 200, json.dumps({"Parameter": {"Value": json.dumps(parameter)}}).encode(), CLOSE

    with recording_server(respond) as server:
        parameter.update(url=f"{server.url}/bot", allow_private_addresses=True)
        for name, value in {
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL_SSM": server.url,
            "CREDENTIALS_PATH": "/stack/credentials",
        }.items():
            monkeypatch.setenv(name, value)
        path = ROOT / "functions" / "callback_delivery" / "app.py"
        spec = importlib.util.spec_from_file_location("functions_callback_delivery", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        document = {"delivery_id": "m1:1", "message": {"recipient_id": "me", "text": "hi"}}
        record = {
            "messageId": "1",
            "receiptHandle": "r",
            "body": json.dumps(document),
            "attributes": {
                "MessageGroupId": "callback:me",
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1767225600000",
            },
        }
        assert module.handler({"Records": [record]}, None) == {"batchItemFailures": []}
    _, post = server.requests
    assert (post.path, post.json) == ("/bot", document["message"])
