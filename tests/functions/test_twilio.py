"""functions/twilio: its events, and whatever else may come, signed and unsigned."""

import base64
import copy
import hashlib
import hmac
import json
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.errors import InboxUnavailable
from channels.queued import QueuedMessage
from channels.request import Request
from channels.services import Services
from channels.webhook import webhook
from ops import ROOT
from tests.unit.twilio.account import CREDENTIALS, FIELDS, FORM, TOKEN, channel, event, sign

QUEUED = {
    "text": ["Hi there \u00e9 & co"],
    "text_by_get": ["Hi by GET"],
    "stage": ["Hi there \u00e9 & co"],
    "shared_key": ["Hi there"],
    "whatsapp_button": ["/affirm"],
    "whatsapp_list": ['/inform{"day": "thursday"}'],
    "mms_with_text": ["my receipts"],
    "bad_utf_8": ["\ufffd\ufffd"],
    "opt_in": ["Yes"],
    "opt_out": [],
    "help": [],
    "empty": [],
    "own_number": [],
    "status_sent": [],
    "status_undelivered": [],
    "phone_call": [],
    "json_body": [],
}
TWIML = "text/xml; charset=utf-8"


class Inbox:
    """Keeps what is queued; refuses when told to."""

    def __init__(self, is_down=False):
        self.queued, self.is_down = [], is_down

    def put(self, name, messages):
        if self.is_down:
            raise InboxUnavailable("down")
        for message in messages:
            QueuedMessage(name, message, 1.0).to_json().encode("ascii")
        self.queued += messages


def no_agent():
    raise AssertionError("a webhook asks no agent")


def post(given_event, inbox=None, credentials=CREDENTIALS, public_base_url=""):
    inbox = inbox or Inbox()
    services = Services(
        lambda name: credentials, no_agent, 5.0, inbox, public_base_url=public_base_url
    )
    return webhook("twilio", services)(given_event, None), inbox.queued


def posted(body, *, signed=True, content_type=None, query=""):
    """The event of a body, as API Gateway codes it."""
    made = copy.deepcopy(event("text"))
    made["body"] = base64.b64encode(body).decode()
    made["rawQueryString"] = query
    if content_type is not None:
        made["headers"]["content-type"] = content_type
    if signed:
        sign_bytes(made)
    return made


def sign_bytes(made):
    """A signature over bytes that need not be characters."""
    request = Request.from_event(made)
    pairs = parse_qsl(request.body, True) if request.content_type == FORM else []
    signed = request.url.encode() + b"".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.digest(TOKEN.encode(), signed, "sha1")
    made["headers"]["x-twilio-signature"] = base64.b64encode(digest).decode()


@pytest.mark.parametrize("name", QUEUED)
def test_events(name):
    answer, queued = post(event(name))
    assert (answer["statusCode"], answer["body"]) == (200, "<Response/>")
    assert answer["headers"]["content-type"] == TWIML
    assert [message.text for message in queued] == QUEUED[name]


def test_every_event_is_read():
    names = {path.stem for path in (ROOT / "events" / "twilio").glob("*.json")}
    refused = {"health", "no_signature", "wrong_signature"}
    for name in names - refused:
        assert post(event(name))[0]["statusCode"] == 200, name


@pytest.mark.parametrize("name", ["no_signature", "wrong_signature"])
def test_what_twilio_did_not_sign_is_403(name):
    answer, queued = post(event(name))
    assert (answer["statusCode"], queued) == (403, [])
    assert TOKEN not in json.dumps(answer)


@pytest.mark.parametrize("name", ["text", "text_by_get", "whatsapp_button"])
def test_a_change_of_one_letter_is_403(name):
    changed = event(name)
    if changed.get("body"):
        body = base64.b64decode(changed["body"]).replace(b"1500555", b"1500556")
        changed["body"] = base64.b64encode(body).decode()
    else:
        changed["rawQueryString"] = changed["rawQueryString"].replace("1500555", "1500556")
    assert post(changed)[0]["statusCode"] == 403


def test_behind_a_domain_the_public_address_is_what_counts():
    fields = dict(parse_qsl(base64.b64decode(event("text")["body"]).decode(), True))
    made = event("text")
    sign(made)
    assert post(made, public_base_url="https://bot.example.com")[0]["statusCode"] == 403
    url = "https://bot.example.com/webhooks/twilio/webhook"
    made["headers"]["x-twilio-signature"] = RequestValidator(TOKEN).compute_signature(url, fields)
    assert post(made, public_base_url="https://bot.example.com")[0]["statusCode"] == 200
    assert post(made)[0]["statusCode"] == 403


def test_a_forwarded_host_is_not_believed():
    made = event("text")
    made["headers"]["x-forwarded-host"] = made["headers"]["host"] = "evil.example.com"
    assert post(made)[0]["statusCode"] == 200


def test_when_the_inbox_is_down_the_user_is_told():
    answer, _ = post(event("text"), Inbox(is_down=True))
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, TWIML)
    assert answer["body"].startswith("<Response><Message>Sorry, ")


def test_or_twilio_is_asked_to_send_again():
    answer, _ = post(event("text"), Inbox(is_down=True), {**CREDENTIALS, "apology": ""})
    assert answer["statusCode"] == 503


def test_nothing_is_said_about_what_would_not_have_been_queued():
    answer, _ = post(event("status_sent"), Inbox(is_down=True))
    assert answer["body"] == "<Response/>"


def test_without_a_token_the_channel_is_closed_and_only_the_log_says_why(caplog):
    credentials = {"account_sid": "AC1", "twilio_number": "+1"}
    answer, queued = post(event("no_signature"), credentials=credentials)
    assert (answer["statusCode"], queued) == (500, [])
    assert "auth_token" not in answer["body"]
    assert "'auth_token' is needed" in caplog.text


def test_the_functions_handler_is_closed_without_credentials(lambda_handler):
    handler = lambda_handler("twilio")
    assert handler(event("health"), None)["body"] == '{"status": "ok"}'
    assert handler(event("text"), None)["statusCode"] == 500


CONTENT_TYPES = st.sampled_from([None, "", "application/json", "text/plain", f"{FORM}; x=\ud83d"])


@given(body=st.binary(max_size=300), content_type=CONTENT_TYPES)
def test_any_signed_bytes_are_answered(body, content_type):
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    answer, _ = post(posted(body, content_type=content_type, query=query))
    assert (answer["statusCode"], answer["body"]) == (200, "<Response/>")


OTHER_NAMES = """
    NumMedia MediaUrl0 Latitude Longitude ButtonPayload ListId OptOutType MessageStatus ErrorCode
    ReferralBody CallSid
"""
NAMES = st.sampled_from([*FIELDS, *OTHER_NAMES.split()])
VALUES = st.text(max_size=30) | st.sampled_from(["received", "failed", "1", "STOP", "\ud83d"])


def encoded(pairs):
    return urlencode([(n, v.encode("utf-8", "replace")) for n, v in pairs]).encode()


@given(pairs=st.lists(st.tuples(NAMES | st.text(max_size=5), VALUES), max_size=15))
def test_any_signed_form_is_answered(pairs):
    pairs = [(name.encode("utf-8", "replace"), value) for name, value in pairs]
    answer, queued = post(posted(encoded(pairs)))
    assert (answer["statusCode"], answer["body"]) == (200, "<Response/>")
    for message in queued:
        assert channel().output_for(message).name() == "twilio"


EXAMPLES = {
    path.stem: parse_qsl(base64.b64decode(event(path.stem)["body"]).decode(), True)
    for path in (ROOT / "events" / "twilio").glob("*.json")
    if path.stem not in ("health", "json_body", "bad_utf_8", "no_signature", "text_by_get")
}


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), odd=VALUES)
def test_an_example_with_one_odd_value_is_answered(data, name, odd):
    pairs = list(EXAMPLES[name])
    index = data.draw(st.integers(0, len(pairs) - 1))
    pairs[index] = (pairs[index][0], odd)
    answer, _ = post(posted(encoded(pairs)))
    assert (answer["statusCode"], answer["body"]) == (200, "<Response/>")


@given(
    body=st.binary(max_size=200) | st.just(urlencode(FIELDS).encode()),
    signature=st.none() | st.text(max_size=40),
    settings=st.none() | st.text(max_size=40),
)
def test_nothing_unsigned_is_queued(body, signature, settings):
    made = posted(body, signed=False)
    headers = {"x-twilio-signature": signature, "x-twilio-webhooks-signature-settings": settings}
    del made["headers"]["x-twilio-signature"]
    made["headers"] |= {name: value for name, value in headers.items() if value is not None}
    answer, queued = post(made)
    assert (answer["statusCode"], queued) == (403, [])


@given(text=st.text(min_size=1, max_size=50))
def test_any_text_arrives_once_stripped(text):
    written = f"a {text}".encode("utf-8", "replace").decode()
    _, [message] = post(posted(encoded({**FIELDS, "Body": written}.items())))
    assert message.text == written.strip()
