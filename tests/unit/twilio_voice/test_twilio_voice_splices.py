"""A recorded request of a call is not a new turn, however its fields are split."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from tests.unit.twilio.splices import (
    KeyValueStore,
    is_signed,
    posted,
    signed_text,
    spliced,
    taken,
)
from tests.unit.twilio_voice.phone import ADDRESS, CALL_SID, CALLER, TOKEN, channel, request

OTHER = "CA" + "e" * 32


def sent(name, **changes):
    return {**dict(parse_qsl(request(name).body.decode(), True)), **changes}


SPEECH = sent("speech")
SIP = "sip:ann@example.sip.twilio.com"

#: What was recorded: the fields, the query string, who called, and the turn; None for no turn.
RECORDED = {
    "a call that comes in": (sent("ringing"), "", CALLER, 1),
    "a call by a telephone exchange": (sent("sip_caller"), "?bot=1", SIP, 1),
    "a call by a program": (
        sent("ringing", From="client:ann", Caller="client:ann"),
        "",
        "client:ann",
        1,
    ),
    "a call that was forwarded": (sent("ringing", ForwardedFrom="+15005550099"), "", CALLER, 1),
    "a call of a call": (sent("ringing", ParentCallSid=OTHER, DialCallSid=OTHER), "", CALLER, 1),
    "a number withheld": (sent("number_withheld"), "", CALL_SID, 1),
    "words": (SPEECH, "?turn=12", CALLER, 12),
    "words that are fields": (
        {**SPEECH, "SpeechResult": f"From+15550000666CallSid{OTHER}CallStatusin-progressTo1"},
        "?turn=12",
        CALLER,
        12,
    ),
    "a header made for it": (
        {**sent("ringing"), "SipHeader_X-a": f"CallSid{OTHER}CallStatusringingFrom40404To1"},
        "?bot=1",
        CALLER,
        1,
    ),
    "keys": (sent("digits", msg="Gather End"), "?turn=12&from=9", CALLER, 12),
    "a late answer": (sent("speech_after_a_late_answer"), "?turn=33&from=22&late=1", CALLER, 33),
    "silence": (sent("silence"), "?turn=2", None, None),
    "a wait": (sent("hold"), "?turn=2&wait=1", None, None),
    "the end of a call": (sent("completed"), "", None, None),
    "a call that was not answered": (sent("no_answer"), "?bot=1", None, None),
    "a recording": (
        {name: SPEECH[name] for name in ("AccountSid", "CallSid")} | {"RecordingSid": "RE1"},
        "",
        None,
        None,
    ),
}


def recorded(fields, address):
    """The request as Twilio sends it."""
    signature = RequestValidator(TOKEN).compute_signature(address, fields)
    return posted(sorted(fields.items()), address, signature)


def remembering(granularity="caller"):
    instance = channel(conversation_granularity=granularity)
    instance.memory = KeyValueStore()
    return instance


def said(messages):
    return [(each.sender_id, each.message_id, each.text) for each in messages]


@pytest.mark.parametrize("name", RECORDED)
@settings(max_examples=50)
@given(data=st.data())
def test_after_the_recorded_request_nothing_else_has_its_signature(name, data):
    fields, query, sender, turn = RECORDED[name]
    original = recorded(fields, ADDRESS + query)
    granularity = data.draw(st.sampled_from(["caller", "call"]))
    instance = remembering(granularity)
    heard = taken(instance, original)
    conversation = sender if granularity == "caller" else CALL_SID
    expected = [(conversation, f"{CALL_SID}:{turn}")] if turn else []
    assert [(each.sender_id, each.message_id) for each in heard] == expected
    asked = data.draw(spliced(fields, ADDRESS + query))
    assert is_signed(asked), "Twilio's own library sees no difference"
    assert said(taken(instance, asked)) in ([], said(heard))
    assert said(taken(instance, original)) == said(heard), "sent again by Twilio"


def split(fields, pairs, address, recorded_at):
    signature = RequestValidator(TOKEN).compute_signature(recorded_at, fields)
    assert f"{address}{''.join(map(''.join, pairs))}" == f"{recorded_at}{signed_text(fields)}"
    asked = posted(pairs, address, signature)
    assert is_signed(asked)
    return asked


def after(fields, query, asked):
    """The messages of `asked` once these fields have come."""
    instance = remembering()
    taken(instance, recorded(fields, ADDRESS + query))
    return taken(instance, asked)


def test_a_later_turn_cannot_be_made_an_earlier_one():
    (name, value), *others = sorted(SPEECH.items())
    pairs = [(f"2{name}", value), *others]
    asked = split(SPEECH, pairs, f"{ADDRESS}?turn=1", f"{ADDRESS}?turn=12")
    assert after(SPEECH, "?turn=12", asked) == []


def test_the_end_of_a_call_cannot_be_made_its_beginning():
    fields = sent("no_answer")
    pairs = sorted(fields.items())
    at = [name for name, _ in pairs].index("CallStatus")
    (before, value), (name, status) = pairs[at - 1], pairs[at]
    pairs[at - 1 : at + 1] = [(before, value), ("CallSt", f"{name[6:]}{status}")]
    assert after(fields, "", split(fields, pairs, ADDRESS, ADDRESS)) == []


def test_a_caller_cannot_grow_by_what_follows():
    """`FromState` is `From` and `State` to whoever splits there."""
    fields = sent("sip_caller", FromState="CA")
    del fields["FromCountry"]
    pairs = dict(sorted(fields.items()))
    pairs["From"] += "From"
    pairs["State"] = pairs.pop("FromState")
    assert after(fields, "", split(fields, sorted(pairs.items()), ADDRESS, ADDRESS)) == []


def test_a_caller_cannot_be_hidden():
    fields = sent("sip_caller")
    pairs = sorted(fields.items())
    at = [name for name, _ in pairs].index("From")
    (before, value), caller = pairs[at - 1], pairs[at]
    pairs[at - 1 : at + 1] = [(before, value + "".join(caller))]
    assert after(fields, "", split(fields, pairs, ADDRESS, ADDRESS)) == []
