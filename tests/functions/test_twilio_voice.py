"""functions/twilio_voice: what callers hear, a whole call, what Twilio signed."""

import base64
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.errors import VerificationError
from channels.handlers.webhook import webhook
from channels.http.request import Request
from channels.wiring.services import Services
from tests.channels.twilio_voice.row import FIELDS, ROW
from tests.functions.harness import Function, queuing
from tests.unit.twilio_voice.phone import (
    CALL,
    CREDENTIALS,
    TOKEN,
    Line,
    signature,
    signed,
    twiml,
)

SORRY = "I am sorry, something went wrong. Please say that again."
REPROMPT = "I'm sorry I didn't get that could you rephrase."
LATE = "I am still working on that. Please stay on the line."


@pytest.mark.parametrize("name", queuing(ROW.outcomes))
def test_who_speaks_is_answered(name):
    answer, _ = ROW.post(ROW.example(name))
    assert twiml(answer).inside == ROW.outcomes[name]


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("silence", REPROMPT),
        ("silence_without_fields", REPROMPT),
        ("silence_after_a_late_answer", LATE),
        ("last_hold", LATE),
        ("no_call_sid", SORRY),
        ("json", SORRY),
    ],
)
def test_who_says_nothing_stays_on_the_line(name, phrase):
    answer, _ = ROW.post(ROW.example(name))
    assert twiml(answer).inside == [phrase]


def test_who_holds_on_is_told_so_again():
    answer, _ = ROW.post(ROW.example("hold"))
    assert twiml(answer).redirect.endswith("?turn=2&wait=2")


@pytest.mark.parametrize(
    "name", ["completed", "busy", "failed", "no_answer", "canceled", "hung_up_while_speaking"]
)
def test_calls_that_are_over_are_no_message(name):
    answer, _ = ROW.post(ROW.example(name))
    assert twiml(answer).tags == []


CHANGES = {
    "another text": lambda changed: changed.update(body=changed["body"].replace("sad", "mad")),
    "another turn": lambda changed: changed.update(rawQueryString="turn=3"),
    "no turn": lambda changed: changed.update(rawQueryString=""),
    "another caller": lambda changed: changed.update(body=changed["body"].replace("06", "07")),
    "a field more": lambda changed: changed.update(body=changed["body"] + "&A=b"),
    "another path": lambda changed: changed.update(rawPath="/x/webhooks/twilio_voice/webhook"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_on_the_way_is_refused(change):
    changed = ROW.example("speech")
    CHANGES[change](changed)
    answer, heard = ROW.post(changed)
    assert (answer["statusCode"], heard) == (403, [])


@pytest.mark.parametrize(
    ("credentials", "token", "status"),
    [
        (CREDENTIALS, "f" * 32, 403),
        ({"auth_token": "f" * 32, "secondary_auth_token": TOKEN}, TOKEN, 200),
        ({"auth_token": TOKEN, "secondary_auth_token": "f" * 32}, TOKEN, 200),
        ({"allow_unsigned": True}, "f" * 32, 200),
    ],
)
def test_tokens(credentials, token, status):
    body = urlencode({**CALL, "CallStatus": "ringing"}).encode()
    assert Function(ROW, credentials).post(signed(body, token=token))[0]["statusCode"] == status


@pytest.mark.parametrize("base", ["https://bot.example.com", "https://bot.example.com:443"])
def test_behind_a_domain_the_public_address_is_signed_and_called_next(base):
    made = ROW.example()
    url = "https://bot.example.com/voice/webhooks/twilio_voice/webhook"
    given = f"{base}/voice"
    signed_url = url.replace("https://bot.example.com", base)
    made["headers"]["x-twilio-signature"] = signature(signed_url, made["body"].encode())
    answer, _ = ROW.post(made, public_base_url=given)
    assert twiml(answer).action == f"{given}/webhooks/twilio_voice/webhook?turn=2"
    assert ROW.post(made)[0]["statusCode"] == 403


def test_a_whole_call():
    """Ringing, speech, keys, silence, a slow agent, an answer that comes late, hanging up."""
    mood = [{"title": "great", "payload": "/great"}, {"title": "sad", "payload": "/sad"}]
    script = {
        "hello": [{"text": "Hey!"}, {"text": "How are you?", "buttons": mood}],
        "/sad": [{"text": "Here is a song.", "image": "https://example.com/song.png"}],
        "tell me more": [{"text": "It is called Blue."}],
        "who sings it": [{"text": "I found it: Ann."}],
        "are you there": [{"text": "Yes."}],
        "bye": [{"text": "Bye!"}, {"custom": {"hangup": True}}],
    }
    line = Line(script)
    greeting = line.ring()
    assert greeting.tags == ["Say", "Pause", "Gather"]
    assert greeting.inside == ["How are you?", "Press 1 for great.", "Press 2 for sad."]
    assert line.silence().text == greeting.text
    assert line.press("2").inside == ["Here is a song."]

    line.worker.seconds = 20
    assert line.say("tell me more").said == ["One moment, please."]
    assert line.hold_on()[-1].inside == ["It is called Blue."]

    line.worker.seconds = 100
    line.say("who sings it")
    assert line.hold_on()[-1].inside == [LATE]
    line.clock.now += 100
    line.worker.work(line.clock.now)
    line.worker.seconds = 1
    assert line.say("are you there").said == ["I found it: Ann.", "Yes."]

    assert line.say("bye").tags == ["Say", "Hangup"]
    assert line.post("", CallStatus="completed", CallDuration="300").tags == []
    assert line.worker.asked == list(script)
    ids = [message.message_id for message in line.worker.queued]
    assert [message_id.rpartition(":")[2] for message_id in ids] == list("123456")


def test_a_report_of_a_recording_is_answered_and_asks_nobody():
    report = {"AccountSid": CALL["AccountSid"], "CallSid": CALL["CallSid"], "RecordingSid": "RE1"}
    answer, heard = ROW.post(signed(urlencode(report).encode()))
    assert (twiml(answer).tags, heard) == ([], [])


def test_a_recorded_request_that_is_split_anew_is_403():
    fields = dict(sorted(CALL.items()))
    fields["From"] += f"To{fields.pop('To')}"
    original = signed(urlencode(CALL).encode())
    made = signed(urlencode(CALL).encode())
    made["body"] = base64.b64encode(urlencode(fields).encode()).decode()
    function = ROW.function()
    function.instance.memory = function.memory
    assert [each.sender_id for each in function.post(original)[1]] == [CALL["From"]]
    answer, heard = function.post(made, afresh=False)
    assert (answer["statusCode"], heard) == (403, [])


def test_a_thousand_fields_too():
    body = "&".join(f"a{number}=" for number in range(1500)).encode()
    assert twiml(ROW.post(signed(body))[0]).inside == [SORRY]


@given(fields=FIELDS, forged=st.booleans())
def test_twilio_python_agrees_on_who_signed(fields, forged):
    made = signed(urlencode(fields).encode())
    if forged:
        made["headers"]["x-twilio-signature"] = signature("https://example.com/")
    url = f"https://{made['headers']['host']}{made['rawPath']}"
    parsed = dict(parse_qsl(urlencode(fields), keep_blank_values=True))
    theirs = RequestValidator(TOKEN).validate(url, parsed, made["headers"]["x-twilio-signature"])
    try:
        ROW.functions[0].instance.verify(Request.from_event(made))
        ours = True
    except VerificationError:
        ours = False
    assert ours == theirs


class SilentAgent:
    async def handle_message(self, message):
        return


def test_an_agent_that_says_nothing_leaves_the_caller_on_the_line():
    services = Services(lambda name: CREDENTIALS, SilentAgent)
    answer = webhook("twilio_voice", services)(ROW.example("speech"), None)
    assert twiml(answer).tags == ["Gather"]
