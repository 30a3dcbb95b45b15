"""functions/twilio: what only Twilio does."""

import base64
from urllib.parse import parse_qsl, urlencode

import pytest
from twilio.request_validator import RequestValidator

from tests.channels.twilio.row import ROW
from tests.unit.twilio.account import TOKEN, sign


@pytest.mark.parametrize("name", ["text", "text_by_get", "whatsapp_button"])
def test_a_change_of_one_letter_is_403(name):
    changed = ROW.example(name)
    if changed.get("body"):
        body = base64.b64decode(changed["body"]).replace(b"1500555", b"1500556")
        changed["body"] = base64.b64encode(body).decode()
    else:
        changed["rawQueryString"] = changed["rawQueryString"].replace("1500555", "1500556")
    assert ROW.post(changed)[0]["statusCode"] == 403


def test_behind_a_domain_the_public_address_is_what_counts():
    made, base = ROW.example(), "https://bot.example.com"
    fields = dict(parse_qsl(base64.b64decode(made["body"]).decode(), True))
    sign(made)
    assert ROW.post(made, public_base_url=base)[0]["statusCode"] == 403
    url = f"{base}/webhooks/twilio/webhook"
    made["headers"]["x-twilio-signature"] = RequestValidator(TOKEN).compute_signature(url, fields)
    assert ROW.post(made, public_base_url=base)[0]["statusCode"] == 200
    assert ROW.post(made)[0]["statusCode"] == 403


def test_a_forwarded_host_is_not_believed():
    made = ROW.example()
    made["headers"]["x-forwarded-host"] = made["headers"]["host"] = "evil.example.com"
    assert ROW.post(made)[0]["statusCode"] == 200


def test_when_the_inbox_is_down_the_user_hears_that_we_are_sorry():
    answer, _ = ROW.post(ROW.example(), is_down=True)
    assert answer["body"].startswith("<Response><Message>Sorry, ")


def test_or_twilio_is_asked_to_send_again():
    answer, _ = ROW.post(ROW.example(), is_down=True, apology="")
    assert answer["statusCode"] == 503


def test_a_recorded_request_that_is_cut_anew_is_403_and_says_nothing_new():
    made = ROW.example("stage")
    fields = dict(parse_qsl(base64.b64decode(made["body"]).decode(), keep_blank_values=True))
    fields["FromCountry"] += f"MessageSid{fields.pop('MessageSid')}"
    made["body"] = base64.b64encode(urlencode(fields).encode()).decode()
    answer, queued = ROW.post(made)
    assert (answer["statusCode"], queued) == (403, [])
    assert "MessageSid" not in answer["body"]


@pytest.mark.parametrize("name", ["status_sent", "status_undelivered", "phone_call", "opt_out"])
def test_what_is_no_message_is_answered_whatever_its_id_looks_like(name):
    made = ROW.example(name)
    body = base64.b64decode(made["body"]).replace(b"=SM0", b"=XX0")
    made["body"] = base64.b64encode(body).decode()
    sign(made)
    answer, queued = ROW.post(made)
    assert (answer["statusCode"], queued) == (200, [])
