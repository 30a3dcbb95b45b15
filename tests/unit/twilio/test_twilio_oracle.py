"""What is sent, compared with what twilio-python sends for the same; Rasa calls it like that."""

import asyncio
import inspect
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageList

from channels.twilio.api import TwilioApi
from channels.twilio.custom_json import ARGUMENTS
from channels.twilio.output import TwilioOutput
from tests.servers.recording_server import recording_server
from tests.unit.twilio.account import (
    ACCOUNT_SID,
    INDICATED,
    NUMBER,
    TOKEN,
    USER,
    WHATSAPP_USER,
    form,
)

IMAGE = "https://example.com/i.png"
RESOURCE = {"sid": f"SM{1:032}", "status": "queued", "num_media": "0", "num_segments": "1"}


def answer(request):
    """Twilio takes everything."""
    return INDICATED if "Typing" in request.path else (201, json.dumps(RESOURCE).encode(), {})


@pytest.fixture(scope="module")
def recorder():
    """Both clients, and what they send."""
    with recording_server(answer) as server:
        http_client = TwilioHttpClient(pool_connections=False)
        client = Client(ACCOUNT_SID, TOKEN, http_client=http_client)
        client.api.base_url = client.messaging.base_url = server.url
        api = TwilioApi(ACCOUNT_SID, (ACCOUNT_SID, TOKEN), server.url)
        yield server, client, api
        api.close()


def recorded(server, send):
    """A call as it matters to Twilio."""
    server.requests.clear()
    send()
    [call] = server.requests
    headers = {name: call.headers[name] for name in ("authorization", "content-type", "accept")}
    return call.method, call.path, headers, form(call.body)


def ours(recorder, response, recipient=USER):
    server, _, api = recorder
    output = TwilioOutput(ACCOUNT_SID, TOKEN, NUMBER, api=api)
    return recorded(server, lambda: asyncio.run(output.send_response(recipient, response)))


def theirs(recorder, **arguments):
    server, client, _ = recorder
    return recorded(server, lambda: client.messages.create(**arguments))


CASES = {
    "a text": ({"text": "hi \u00e9 & co"}, {"body": "hi \u00e9 & co"}),
    "a text with emoji": ({"text": "\U0001f44b+%\r\n x"}, {"body": "\U0001f44b+%\r\n x"}),
    "an image": ({"image": IMAGE}, {"media_url": [IMAGE]}),
    "buttons": (
        {"text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}]},
        {"body": "Sure?\n1. Yes"},
    ),
    "custom JSON": (
        {"custom": {"body": "hi", "media_url": [IMAGE], "force_delivery": False}},
        {"body": "hi", "media_url": [IMAGE], "force_delivery": False},
    ),
    "a list": (
        {"custom": {"body": "hi", "persistent_action": ["geo:1,2|here", "b"]}},
        {"body": "hi", "persistent_action": ["geo:1,2|here", "b"]},
    ),
    "a template": (
        {"custom": {"content_sid": "HX1", "content_variables": '{"1": "x"}'}},
        {"content_sid": "HX1", "content_variables": '{"1": "x"}'},
    ),
    "numbers": (
        {"custom": {"body": "hi", "max_price": 0.5, "validity_period": 60, "attempt": 1}},
        {"body": "hi", "max_price": 0.5, "validity_period": 60, "attempt": 1},
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("recipient", [USER, WHATSAPP_USER])
def test_twilio_python_sends_the_same(recorder, name, recipient):
    response, arguments = CASES[name]
    expected = theirs(recorder, to=recipient, from_=NUMBER, **arguments)
    assert ours(recorder, response, recipient) == expected


def test_the_arguments_are_twilio_pythons():
    assert set(inspect.signature(MessageList.create).parameters) - {"self"} == ARGUMENTS


FLAGS = {"provide_feedback", "force_delivery", "smart_encoded", "shorten_urls", "send_as_mms"}
OTHERS = {"to", "from_", "body", "media_url", "content_sid", "send_at", "persistent_action"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ANYTHING = st.fixed_dictionaries(
    {"body": TEXT.filter(str.strip)},
    optional={
        name: st.booleans() if name in FLAGS else TEXT | st.integers()
        for name in ARGUMENTS - OTHERS
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(arguments=ANYTHING)
def test_twilio_python_sends_the_same_for_any_arguments(recorder, arguments):
    sender = {} if "messaging_service_sid" in arguments else {"from_": NUMBER}
    expected = theirs(recorder, to=USER, **sender, **arguments)
    assert ours(recorder, {"custom": arguments}) == expected


def test_twilio_python_shows_typing_the_same(recorder):
    server, client, api = recorder
    indicator = client.messaging.v2.typing_indicator
    expected = recorded(server, lambda: indicator.create(channel="whatsapp", message_id="SM1"))
    assert recorded(server, lambda: api.show_typing("SM1")) == expected
