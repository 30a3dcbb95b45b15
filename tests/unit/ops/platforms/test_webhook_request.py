import json

import pytest
import requests

from ops.events.event_files import event_text, read_event
from ops.failure import Failure
from ops.platforms.webhook_request import WebhookRequest
from tests.functions.harness import example
from tests.servers.recording_server import recording_server


def request(name):
    return WebhookRequest.from_event(example(name))


def test_a_request_arrives_as_it_was():
    event = example("twilio/text_by_get")
    event["rawPath"] = "/prod/webhooks/twilio/webhook"
    with recording_server(lambda _: (302, b"elsewhere", {"location": "/x"})) as server:
        answer = WebhookRequest.from_event(event).send(f"{server.url}/below/", is_local=True)
        [arrived] = server.requests
    assert answer.status_code == 302
    assert arrived.method == "GET"
    assert arrived.path == f"/below/webhooks/twilio/webhook?{event['rawQueryString']}"
    assert arrived.headers["x-twilio-signature"] == event["headers"]["x-twilio-signature"]
    assert "x-forwarded-for" not in arrived.headers
    assert arrived.headers["host"] != event["headers"]["host"]


@pytest.mark.parametrize("name", ["slack/message_im", "twilio/text", "rest/rest_api_v1"])
def test_the_body_is_the_same_to_the_byte(name):
    sent = request(name)
    with recording_server(lambda _: (200, b"", {})) as server:
        assert isinstance(sent.send(server.url, is_local=True), requests.Response)
        [arrived] = server.requests
    assert arrived.body == sent.body
    assert sent.body


def test_a_stack_that_is_not_there():
    with recording_server(lambda _: (200, b"", {})) as server:
        url = server.url
    with pytest.raises(Failure, match="does not answer") as failure:
        request("rest/text").send(url, is_local=True)
    assert "make up" in failure.value.mend


def test_what_the_path_says():
    assert request("slack/message_im").channel == "slack"
    assert request("slack/slash_command").form["command"].startswith("/")
    assert request("slack/message_im").document["type"] == "event_callback"
    assert request("slack/slash_command").document is None


def test_a_frame_of_a_websocket_is_no_request():
    with pytest.raises(Failure, match="over a WebSocket") as failure:
        request("socketio/user_uttered")
    assert "user_uttered" in failure.value.details[0]


@pytest.mark.parametrize("event", [None, [], {}, {"body": "x"}, {"requestContext": None}])
def test_what_is_no_event(event):
    with pytest.raises(Failure, match="no API Gateway event"):
        WebhookRequest.from_event(event)


def test_an_event_of_another_path():
    event = example("rest/text")
    event["rawPath"] = "/conversations/me/messages"
    with pytest.raises(Failure, match="is no webhook's"):
        WebhookRequest.from_event(event)


def test_events_by_name_and_by_file(tmp_path):
    event = read_event("slack/message_im")
    path = tmp_path / "event.json"
    path.write_text(event_text(event), "utf-8")
    assert read_event(str(path)) == event == example("slack/message_im")
    path.write_text("{", "utf-8")
    with pytest.raises(Failure, match="is not JSON"):
        read_event(str(path))


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("slack/mesage_im", "slack/message_im"),
        ("slack", "Give a file"),
        ("/nowhere/else.json", "Give a file"),
    ],
)
def test_an_event_that_is_not_there(name, mend):
    with pytest.raises(Failure, match="There is no event") as failure:
        read_event(name)
    assert mend in failure.value.mend


def test_texts_of_all_alphabets_stay_readable():
    assert json.loads(event_text({"body": "ж"})) == {"body": "ж"}
    assert "ж" in event_text({"body": "ж"})
