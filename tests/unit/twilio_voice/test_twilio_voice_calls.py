"""What callers do: what is asked of the agent, and where the call goes on."""

import json
from urllib.parse import parse_qsl, urlencode

import pytest

from channels.errors import VerificationError
from channels.http.request import Request
from channels.turns.inbox_message import InboxMessage
from channels.twilio_voice.call import read_call
from tests.unit.twilio_voice.phone import (
    ADDRESS,
    CALL,
    CALL_SID,
    CALLER,
    TOKEN,
    channel,
    event,
    request,
)

SAID = [
    ("ringing", "hello", 1),
    ("ringing_by_get", "hello", 1),
    ("ringing_base64", "hello", 1),
    ("ringing_behind_a_stage", "hello", 1),
    ("call_made_by_api", "hello", 1),
    ("speech", "I am tr\u00e8s sad & co", 2),
    ("digit", "2", 2),
    ("digits", "20417#", 2),
    ("speech_after_a_late_answer", "are you there", 3),
    ("odd_place", "hello", 1),
]
NOTHING_SAID = [
    "silence",
    "silence_without_fields",
    "silence_after_a_late_answer",
    "hold",
    "last_hold",
    "completed",
    "busy",
    "failed",
    "no_answer",
    "canceled",
    "hung_up_while_speaking",
    "no_call_sid",
    "json",
]


@pytest.mark.parametrize(("name", "text", "turn"), SAID)
def test_what_a_caller_says_is_a_message(name, text, turn):
    [message] = channel().parse(request(name))
    assert (message.text, message.sender_id) == (text, CALLER)
    assert message.message_id == f"{CALL_SID}:{turn}"
    assert message.input_channel == "twilio_voice"


@pytest.mark.parametrize("name", NOTHING_SAID)
def test_what_else_happens_is_none(name):
    assert channel().parse(request(name)) == []


def test_the_first_words_of_the_conversation_are_a_setting():
    [message] = channel(initial_prompt="/greet").parse(request("ringing"))
    assert message.text == "/greet"


def test_metadata_tells_who_calls_and_how_well_they_were_understood():
    [message] = channel().parse(request("speech"))
    assert message.metadata["confidence"] == 0.9128386
    assert message.metadata["language"] == "en-US"
    assert message.metadata["CallSid"] == CALL_SID
    assert message.metadata["From"] == CALLER
    assert message.metadata["FromCountry"] == "US"
    assert "AccountSid" not in message.metadata


def test_metadata_of_a_get_has_nothing_of_ours():
    query = urlencode({**CALL, "turn": "2", "Digits": "1"})
    asked = Request("GET", "/webhooks/twilio_voice/webhook", {}, query_string=query)
    [message] = channel().parse(asked)
    assert (message.text, message.message_id) == ("1", f"{CALL_SID}:2")
    assert set(message.metadata) == set(CALL) - {"AccountSid", "ApiVersion"} | {"Digits"}


@pytest.mark.parametrize("confidence", ["", "high", "nan", "inf", "-1", "7"])
def test_a_confidence_that_is_none_is_left_out(confidence):
    body = urlencode({**CALL, "SpeechResult": "hi", "Confidence": confidence}).encode()
    [message] = channel().parse(form(body))
    assert "confidence" not in message.metadata
    InboxMessage("twilio_voice", message, 1.0).to_json().encode("ascii")


def form(body, query=""):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    path = "/webhooks/twilio_voice/webhook"
    return Request("POST", path, headers, body, query, base_url=ADDRESS.partition("/webhooks")[0])


@pytest.mark.parametrize(
    ("name", "granularity", "sender_id"),
    [
        ("ringing", "caller", CALLER),
        ("ringing", "call", CALL_SID),
        ("sip_caller", "caller", "sip:ann@example.sip.twilio.com"),
        ("number_withheld", "caller", CALL_SID),
        ("number_withheld", "call", CALL_SID),
    ],
)
def test_a_conversation_is_a_caller_or_a_call_and_never_several_callers(
    name, granularity, sender_id
):
    instance = channel(conversation_granularity=granularity)
    [message] = instance.parse(request(name))
    assert message.sender_id == sender_id


@pytest.mark.parametrize(
    "caller",
    [
        "client:ann",
        "client:Tom",
        "client:12345",
        "client:550e8400-e29b-41d4-a716-446655440000",
        "client:550E8400-E29B-41D4-A716-446655440000",
        "client:ParentPortal",
        "client:Labelle",
        "client:SalesQueue",
        "client:askFrom",
        "sip:Tom.Speech@example.sip.twilio.com",
        "sip:+15005550006@example.com:5060;transport=tcp",
        "40404",
    ],
)
def test_every_address_that_twilio_knows_is_a_caller(caller):
    fields = {**CALL, "From": caller, "FromCity": "", "SpeechResult": "From 3PM to 5PM"}
    [message] = channel().parse(form(urlencode(fields).encode()))
    assert message.sender_id == caller


@pytest.mark.parametrize("caller", ["", "Anonymous", "+7378742833", "Restricted", "unknown"])
def test_callers_without_a_number_do_not_share_a_conversation(caller):
    body = urlencode({**CALL, "From": caller, "CallStatus": "ringing"}).encode()
    [message] = channel().parse(form(body))
    assert message.sender_id == CALL_SID


def test_the_same_request_again_is_the_same_message():
    first, again = (channel().parse(request("speech"))[0] for _ in range(2))
    assert first.message_id == again.message_id
    [later] = channel().parse(request("speech_after_a_late_answer"))
    assert later.message_id != first.message_id


@pytest.mark.parametrize(
    ("query", "heard", "unheard"),
    [
        ("", 0, 1),
        ("turn=2", 1, 2),
        ("turn=5", 4, 5),
        ("turn=5&from=3", 3, 5),
        ("turn=5&from=3&late=1", 3, 3),
        ("turn=5&wait=1", 4, 5),
        ("turn=5&from=3&wait=1", 3, 3),
        ("turn=5&from=9", 4, 5),
        ("turn=5&from=0&late=1", 4, 5),
        ("turn=999999&from=1&late=1", 999978, 999979),
        ("turn=-1", 0, 1),
        ("turn=\u0663", 0, 1),
    ],
)
def test_where_a_call_stands(query, heard, unheard):
    call = read_call(form(urlencode(CALL).encode(), query))
    assert (call.first_heard, call.first_unheard) == (heard, unheard)


@pytest.mark.parametrize(
    ("place", "query"),
    [
        ({"turn": 2}, "turn=2"),
        ({"turn": 2, "first": 1}, "turn=2"),
        ({"turn": 5, "first": 3}, "turn=5&from=3"),
        ({"turn": 3, "first": 2, "late": True}, "turn=3&from=2&late=1"),
        ({"turn": 2, "first": 2, "wait": 1}, "turn=2&wait=1"),
        ({"turn": 3, "first": 2, "wait": 0, "skip": 40}, "turn=3&from=2&wait=0&skip=40"),
    ],
)
def test_the_next_address_says_where_the_call_stands(place, query):
    call = read_call(request("speech"))
    assert call.url(**place) == f"{ADDRESS}?{query}"


@pytest.mark.parametrize(
    ("name", "public_base_url", "address"),
    [
        ("ringing", "", ADDRESS),
        ("speech", "", ADDRESS),
        ("ringing_by_get", "", ADDRESS),
        ("ringing_behind_a_stage", "", ADDRESS.replace("/webhooks", "/prod/webhooks")),
        (
            "ringing_behind_a_stage",
            "https://bot.example.com/voice",
            "https://bot.example.com/voice/webhooks/twilio_voice/webhook",
        ),
    ],
)
def test_the_next_address_survives_stages_and_domains(name, public_base_url, address):
    asked = Request.from_event(event(name), public_base_url)
    assert read_call(asked).url(2) == f"{address}?turn=2"


@pytest.mark.parametrize(
    "sid",
    ["CA1", "CA 1", "x" * 34, f"{CALL_SID}0", f"{CALL_SID}\n", "CA" + "g" * 32, "SM" + "0" * 32],
)
def test_a_call_without_an_id_of_twilios_is_refused(sid):
    with pytest.raises(VerificationError) as refused:
        channel().parse(form(urlencode({**CALL, "CallSid": sid}).encode()))
    assert refused.value.status == 403


def test_what_has_no_call_sid_is_about_no_call():
    assert channel().parse(form(urlencode({**CALL, "CallSid": ""}).encode())) == []


@pytest.mark.parametrize("status", ["", "completed", "something new", None])
def test_only_a_live_call_says_something(status):
    fields = {**CALL, "CallStatus": status, "RecordingSid": "RE1"}
    body = urlencode({name: value for name, value in fields.items() if value is not None})
    assert channel().parse(form(body.encode())) == []


def test_ids_of_other_calls_change_nothing():
    other = "CA" + "e" * 32
    fields = {**CALL, "ParentCallSid": other, "DialCallSid": other, "ForwardedFrom": "+15005550099"}
    [message] = channel().parse(form(urlencode(fields).encode()))
    assert (message.sender_id, message.message_id) == (CALLER, f"{CALL_SID}:1")


def test_a_message_crosses_the_queue_with_what_answers_it():
    instance = channel()
    [message] = instance.parse(request("speech"))
    text = InboxMessage("twilio_voice", message, 1.0).to_json()
    arrived = InboxMessage.from_json(text).message
    assert arrived.reply_to == message.reply_to
    assert instance.output_for(arrived).name() == "twilio_voice"


def test_no_event_holds_a_secret():
    for name, *_ in SAID:
        text = json.dumps(event(name)) + json.dumps(parse_qsl(event(name)["rawQueryString"]))
        assert TOKEN not in text
