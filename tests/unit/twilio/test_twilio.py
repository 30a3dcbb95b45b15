"""The channel's settings, and what Twilio hears: the answers of the reference, cell by cell."""

import asyncio
import subprocess
import sys

import pytest
from twilio.twiml.messaging_response import MessagingResponse

from channels.errors import CredentialsError, VerificationError
from channels.http.request import Request
from channels.twilio import TwilioInput
from channels.wiring.registry import channel_class, create_channel
from ops import ROOT
from rasa.core.channels.twilio import TwilioInput as RasasInput
from rasa.core.channels.twilio import TwilioOutput as RasasOutput
from tests.unit.twilio.account import (
    ACCOUNT_SID,
    CREDENTIALS,
    NUMBER,
    TOKEN,
    WHATSAPP_NUMBER,
    account,
    channel,
    message,
    request,
)

KEY = {"api_key_sid": "SK1", "api_key_secret": "made-up"}


def without(*keys, **changes):
    return {**{key: CREDENTIALS[key] for key in CREDENTIALS if key not in keys}, **changes}


@pytest.mark.parametrize(
    ("credentials", "error"),
    [
        (None, "credentials are needed"),
        ({}, "credentials are needed"),
        (without("account_sid"), "'account_sid' is needed"),
        (without(account_sid="https://x/"), "'account_sid' must be AC"),
        (without("auth_token", "webhook_shared_keys"), "'auth_token' is needed"),
        (without("auth_token"), r"'auth_token' \(or 'api_key_sid'"),
        (without("auth_token", "webhook_shared_keys", **KEY), "'auth_token' is needed"),
        (without("auth_token", api_key_sid="SK1"), "'api_key_sid' and 'api_key_secret'"),
        (without(api_key_secret="x"), "'api_key_sid' and 'api_key_secret'"),
        (without("twilio_number"), r"'twilio_number' \(or 'messaging_service_sid'\) is needed"),
        (without(twilio_number=15005550010), "'twilio_number' must be a string: put it in quotes"),
        (without(auth_token=12345678), "'auth_token' must be a string: put it in quotes"),
        (without(api_base="api.twilio.com"), "'api_base' must be a URL"),
        (without(apology=1), "'apology' must be a string"),
    ],
)
def test_settings_that_cannot_serve_are_named(credentials, error):
    with pytest.raises(CredentialsError, match=error) as raised:
        create_channel("twilio", credentials)
    assert "docs/channels/twilio.md" in str(raised.value)
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "credentials",
    [
        {"account_sid": ACCOUNT_SID, "auth_token": TOKEN, "twilio_number": NUMBER},
        {"account_sid": ACCOUNT_SID, "auth_token": TOKEN, "messaging_service_sid": "MG1"},
        without("auth_token", **KEY),
        without("auth_token", "webhook_shared_keys", allow_unsigned=True, **KEY),
        without(api_base="http://127.0.0.1:4000/"),
        without(debug_mode=False),
    ],
)
def test_settings_that_serve(credentials):
    assert create_channel("twilio", credentials).get_output_channel().name() == "twilio"


def test_rasas_classes_and_parameters():
    assert RasasInput is TwilioInput is channel_class("twilio")
    made = TwilioInput(ACCOUNT_SID, TOKEN, NUMBER, False)
    assert made.url_prefix() == "twilio"
    assert RasasOutput(ACCOUNT_SID, TOKEN, NUMBER).name() == "twilio"
    assert isinstance(made.get_output_channel(), RasasOutput)


def test_without_allow_unsigned_a_missing_signature_is_refused():
    with pytest.raises(VerificationError):
        channel().verify(message())


def test_allow_unsigned_does_without_the_token_only():
    open_to_all = without("auth_token", "webhook_shared_keys", allow_unsigned=True, **KEY)
    create_channel("twilio", open_to_all).verify(message())
    with pytest.raises(VerificationError):
        channel(allow_unsigned=True).verify(message())


TWIML = "text/xml; charset=utf-8"


@pytest.mark.parametrize("example", ["text", "status_sent", "phone_call", "json_body", "opt_out"])
def test_twilio_hears_empty_twiml(example):
    answer = channel().acknowledgement(request(example))
    assert (answer.status, answer.headers["content-type"]) == (200, TWIML)
    assert answer.body == b"<Response/>"


def test_a_message_that_was_not_taken_is_answered_with_an_apology():
    answer = channel(apology='Sorry & <so on> "\u00f1"').unavailable_response(message())
    assert (answer.status, answer.headers["content-type"]) == (200, TWIML)
    expected = MessagingResponse()
    expected.message('Sorry & <so on> "\u00f1"')
    assert answer.body.decode() == expected.to_xml(xml_declaration=False)


def test_the_apology_has_words_of_its_own():
    assert b"<Message>Sorry, " in channel().unavailable_response(message()).body


@pytest.mark.parametrize("apology", ["", " ", None])
def test_without_an_apology_twilio_may_send_again(apology):
    assert channel(apology=apology).unavailable_response(message()) is None


def test_answers_come_from_the_number_that_was_written_to():
    with account(received="whatsapp_text") as (output, api):
        asyncio.run(output.send_text_message("whatsapp:+15005550006", "hi"))
        assert api.forms == [{"To": "whatsapp:+15005550006", "From": WHATSAPP_NUMBER, "Body": "hi"}]


def test_unasked_messages_come_from_twilio_number():
    with account() as (_, api):
        output = channel(api_base=api.server.url).get_output_channel()
        asyncio.run(output.send_text_message("+15005550006", "hi"))
        assert api.forms == [{"To": "+15005550006", "From": NUMBER, "Body": "hi"}]


def test_a_messaging_service_chooses_the_number():
    with account(messaging_service_sid="MG1") as (output, api):
        asyncio.run(output.send_text_message("+15005550006", "hi"))
        assert api.forms == [{"To": "+15005550006", "MessagingServiceSid": "MG1", "Body": "hi"}]


def test_the_channel_takes_get_and_post():
    handlers = channel().blueprint(None).handlers("webhook")
    assert sorted(handlers) == ["GET", "POST"]


SLOW = "requests urllib3 typing dataclasses asyncio logging.config yaml jwt cryptography"


def test_a_webhooks_start_imports_nothing_slow():
    script = (
        "import sys; before = set(sys.modules); import channels.twilio; "
        "print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-S", "-c", script]
    paths = {"PYTHONPATH": str(ROOT / "layers" / "channels")}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=paths)  # noqa: S603
    assert not set(run.stdout.split()) & set(SLOW.split())


def test_a_request_is_verified_before_it_is_parsed_by_get_too():
    asked = request("text_by_get")
    channel().verify(asked)
    forged = Request(
        "GET", asked.path, asked.headers, b"", asked.query_string + "1", base_url=asked.base_url
    )
    with pytest.raises(VerificationError):
        channel().verify(forged)
