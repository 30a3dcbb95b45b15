"""functions/callback: what only its callers hear; functions/callback_delivery, driven by events."""

import importlib.util
import json

from hypothesis import given
from hypothesis import strategies as st

from ops import ROOT
from tests.channels.callback.row import ROW
from tests.functions.bodies import with_body
from tests.servers.recording_server import recording_server

#: Leaves nothing open behind a handler, which has no end.
CLOSE = {"connection": "close"}


def test_a_message_is_queued_as_its_caller_said_it():
    _, [message] = ROW.post(ROW.example())
    assert (message.text, message.sender_id, message.message_id) == ("hi", "me", "order-4711")
    assert (message.metadata, message.input_channel) == (None, "callback")


def test_metadata_and_input_channel_are_queued():
    _, [message] = ROW.post(ROW.example("metadata"))
    assert (message.metadata, message.input_channel) == ({"page": "/pricing"}, "website")


def test_what_cannot_be_read_is_told():
    answer, _ = ROW.post(ROW.example("malformed"))
    assert json.loads(answer["body"])["message"] == "Failed when parsing body as json"


def test_who_calls_while_the_inbox_refuses_is_told_when_to_call_again():
    answer, _ = ROW.post(ROW.example(), is_down=True)
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "5")


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
def test_any_message_is_queued_or_refused_for_its_length(parts):
    event = with_body(ROW.example(), json.dumps(parts).encode())
    is_short = len(str(parts.get("sender"))) <= 1024 and len(parts.get("message_id", "")) <= 512
    ROW.assert_answered(ROW.functions[0], event, (200,) if is_short else (200, 400))


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
                "ApproximateFirstReceiveTimestamp": "1767225600000",
                "SentTimestamp": "1767225600000",
            },
        }
        assert module.handler({"Records": [record]}, None) == {"batchItemFailures": []}
    _, post = server.requests
    assert (post.path, post.json) == ("/bot", document["message"])
