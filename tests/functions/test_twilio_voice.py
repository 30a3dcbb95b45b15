"""functions/twilio_voice: its events, a whole call, and whatever else may come, signed and not."""

import copy
import json
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.services import Services
from channels.webhook import webhook
from tests.unit.twilio_voice.phone import (
    CALL,
    CREDENTIALS,
    TOKEN,
    Line,
    event,
    signature,
    signed,
    twiml,
)

SORRY = "I am sorry, something went wrong. Please say that again."
REPROMPT = "I'm sorry I didn't get that could you rephrase."
LATE = "I am still working on that. Please stay on the line."


class Agent:
    """Repeats what it hears."""

    def __init__(self):
        self.heard = []

    async def handle_message(self, message):
        self.heard.append(message.text)
        await message.output_channel.send_response(message.sender_id, {"text": message.text})


def post(given_event, credentials=CREDENTIALS, public_base_url=""):
    """The answer where nothing but the function runs, and what the agent heard."""
    agent = Agent()
    services = Services(lambda name: credentials, lambda: agent, public_base_url=public_base_url)
    return webhook("twilio_voice", services)(given_event, None), agent.heard


SPEAKS = {
    "ringing": "hello",
    "ringing_by_get": "hello",
    "ringing_base64": "hello",
    "ringing_behind_a_stage": "hello",
    "call_made_by_api": "hello",
    "number_withheld": "hello",
    "sip_caller": "hello",
    "speech": "I am tr\u00e8s sad & co",
    "digit": "2",
    "digits": "20417#",
    "speech_after_a_late_answer": "are you there",
    "odd_place": "hello",
}


@pytest.mark.parametrize("name", SPEAKS)
def test_who_speaks_is_answered(name):
    answer, heard = post(event(name))
    assert twiml(answer).inside == heard == [SPEAKS[name]]


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
    answer, heard = post(event(name))
    assert twiml(answer).inside == [phrase]
    assert heard == []


def test_who_holds_on_is_told_so_again():
    answer, _ = post(event("hold"))
    assert twiml(answer).redirect.endswith("?turn=2&wait=2")


@pytest.mark.parametrize(
    "name", ["completed", "busy", "failed", "no_answer", "canceled", "hung_up_while_speaking"]
)
def test_calls_that_are_over_are_no_message(name):
    answer, heard = post(event(name))
    assert twiml(answer).tags == []
    assert heard == []


@pytest.mark.parametrize("name", ["unsigned", "wrong_signature"])
def test_what_twilio_did_not_sign_is_refused(name):
    answer, heard = post(event(name))
    assert (answer["statusCode"], heard) == (403, [])
    assert json.loads(answer["body"])["message"] == "request refused"


def test_health():
    assert post(event("health"))[0]["body"] == '{"status": "ok"}'


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
    changed = event("speech")
    CHANGES[change](changed)
    answer, heard = post(changed)
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
    assert post(signed(body, token=token), credentials)[0]["statusCode"] == status


@pytest.mark.parametrize("base", ["https://bot.example.com", "https://bot.example.com:443"])
def test_behind_a_domain_the_public_address_is_signed_and_called_next(base):
    made = event("ringing")
    url = "https://bot.example.com/voice/webhooks/twilio_voice/webhook"
    given = f"{base}/voice"
    signed_url = url.replace("https://bot.example.com", base)
    made["headers"]["x-twilio-signature"] = signature(signed_url, made["body"].encode())
    answer, _ = post(made, public_base_url=given)
    assert twiml(answer).action == f"{given}/webhooks/twilio_voice/webhook?turn=2"
    assert post(made)[0]["statusCode"] == 403


def test_without_a_token_the_channel_is_closed_and_only_the_log_says_why(caplog):
    answer, heard = post(event("ringing"), {"initial_prompt": "hi"})
    assert (answer["statusCode"], heard) == (500, [])
    assert "auth_token" not in answer["body"]
    assert "'auth_token' is needed" in caplog.text


def test_the_functions_handler_is_closed_without_credentials(lambda_handler):
    handler = lambda_handler("twilio_voice")
    assert handler(event("health"), None)["statusCode"] == 200
    assert handler(event("ringing"), None)["statusCode"] == 500


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


QUERIES = st.text(max_size=40) | st.dictionaries(
    st.sampled_from(["turn", "from", "late", "wait", "skip", "x"]),
    st.sampled_from(["0", "1", "2", "7", "999999", "-1", "x", ""]) | st.text(max_size=5),
).map(urlencode)
FIELDS = st.dictionaries(
    st.sampled_from([*CALL, "SpeechResult", "Digits", "Confidence", "Language"]) | st.text(),
    st.text() | st.sampled_from(["ringing", "in-progress", "completed", CALL["CallSid"], "1"]),
    max_size=8,
)


def stays_on_the_line(answer):
    said = twiml(answer)
    return said.tags == [] or said.tags[-1] in ("Gather", "Redirect")


@given(fields=FIELDS, query=QUERIES.filter(str.isascii))
def test_whatever_twilio_signs_keeps_the_caller_on_the_line(fields, query):
    answer, _ = post(signed(urlencode(fields).encode(), query))
    assert stays_on_the_line(answer)


@given(body=st.binary(max_size=300))
def test_whatever_bytes_too(body):
    assert stays_on_the_line(post(signed(body))[0])


@given(data=st.data(), name=st.sampled_from(sorted(SPEAKS)), odd=st.text(max_size=20))
def test_an_example_with_one_odd_field_keeps_the_caller_on_the_line(data, name, odd):
    example = event("ringing" if "by_get" in name or "base64" in name else name)
    fields = dict(parse_qsl(example["body"]))
    fields[data.draw(st.sampled_from(sorted(fields)))] = odd
    answer, _ = post(signed(urlencode(fields).encode(), example["rawQueryString"]))
    assert stays_on_the_line(answer)


def test_a_thousand_fields_too():
    body = "&".join(f"a{number}=" for number in range(1500)).encode()
    assert twiml(post(signed(body))[0]).inside == [SORRY]


@given(given_signature=st.none() | st.text(max_size=40), fields=FIELDS)
def test_nothing_without_a_signature_is_heard(given_signature, fields):
    made = signed(urlencode(fields).encode())
    right = made["headers"].pop("x-twilio-signature")
    if given_signature is not None:
        made["headers"]["x-twilio-signature"] = given_signature
    if given_signature != right:
        answer, heard = post(made)
        assert (answer["statusCode"], heard) == (403, [])


@given(fields=FIELDS, forged=st.booleans())
def test_twilio_python_agrees_on_who_signed(fields, forged):
    made = signed(urlencode(fields).encode())
    if forged:
        made["headers"]["x-twilio-signature"] = signature("https://example.com/")
    url = f"https://{made['headers']['host']}{made['rawPath']}"
    parsed = dict(parse_qsl(urlencode(fields), keep_blank_values=True))
    theirs = RequestValidator(TOKEN).validate(url, parsed, made["headers"]["x-twilio-signature"])
    assert (post(made)[0]["statusCode"] == 200) == theirs


def test_a_request_changes_nothing_in_the_event():
    made = event("speech")
    before = copy.deepcopy(made)
    post(made)
    assert made == before


def test_answers_of_section_8():
    """Success, refusal, nonsense; never an empty document in a call."""
    assert twiml(post(event("speech"))[0]).gather is not None
    assert post(event("wrong_signature"))[0]["statusCode"] == 403
    assert twiml(post(event("no_call_sid"))[0]).inside == [SORRY]
    services = Services(lambda name: CREDENTIALS, Silent)
    answer = webhook("twilio_voice", services)(event("speech"), None)
    assert twiml(answer).tags == ["Gather"]


class Silent:
    async def handle_message(self, message):
        return
