"""What users and Twilio do, as the messages that the agent hears."""

import json
import logging
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import VerificationError
from channels.http.request import Request
from channels.turns.inbox_message import InboxMessage
from channels.twilio.incoming import read_message
from tests.unit.twilio.account import (
    FIELDS,
    NUMBER,
    USER,
    WHATSAPP_NUMBER,
    WHATSAPP_USER,
    channel,
    event,
    message,
    post,
    request,
)

MEDIA = (
    "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001"
    "/Messages/MM{:032}/Media/ME{:032}"
)


def sid(number, prefix="SM"):
    return f"{prefix}{number:032}"


def attachment(kind, content_type, message_number, number):
    url = MEDIA.format(message_number, number)
    return {"type": kind, "url": url, "content_type": content_type}


#: What a user does: the event, the text, Twilio's id, and metadata that tells more.
MESSAGES = {
    "writes": ("text", "Hi there \u00e9 & co", sid(1), {"from_city": "SAN FRANCISCO"}),
    "writes to a webhook by GET": ("text_by_get", "Hi by GET", sid(2), {}),
    "writes to a messaging service": (
        "messaging_service",
        "Hi service",
        sid(3),
        {"messaging_service_sid": "MG00000000000000000000000000000001"},
    ),
    "writes to an address with a query": ("blank_fields_and_query", "Hi again", sid(4), {}),
    "writes behind a stage": ("stage", "Hi there \u00e9 & co", sid(1), {}),
    "writes where a shared key signs": ("shared_key", "Hi there", sid(41), {}),
    "writes and sends two files": (
        "mms_with_text",
        "my receipts",
        sid(5, "MM"),
        {
            "attachments": [
                attachment("image", "image/jpeg", 5, 1),
                attachment("application", "application/pdf", 5, 2),
            ]
        },
    ),
    "writes YES, which is also a keyword": ("opt_in", "Yes", sid(7), {"opt_out_type": "START"}),
    "writes on WhatsApp": (
        "whatsapp_text",
        "hola \u00bfqu\u00e9 tal? \u00a1bien!",
        sid(20),
        {"profile_name": "Ann", "wa_id": "15005550006", "message_type": "text"},
    ),
    "presses a button": (
        "whatsapp_button",
        "/affirm",
        sid(21),
        {
            "button": {"payload": "/affirm", "text": "Yes"},
            "body": "Yes",
            "original_replied_message_sid": sid(9, "MM"),
            "original_replied_message_sender": WHATSAPP_NUMBER,
        },
    ),
    "picks from a list": (
        "whatsapp_list",
        '/inform{"day": "thursday"}',
        sid(22),
        {"list": {"id": '/inform{"day": "thursday"}', "title": "Thursday"}, "body": "Thursday"},
    ),
    "sends a place": (
        "whatsapp_location",
        '/locationData{"Latitude": 52.520008, "Longitude": 13.404954}',
        sid(23),
        {
            "location": {
                "latitude": "52.520008",
                "longitude": "13.404954",
                "address": "Alexanderplatz, Berlin",
                "label": "Fountain",
            }
        },
    ),
    "sends a photo": (
        "whatsapp_photo",
        MEDIA.format(24, 3),
        sid(24, "MM"),
        {"attachments": [attachment("image", "image/jpeg", 24, 3)]},
    ),
    "sends a photo with a caption": (
        "whatsapp_photo_with_caption",
        "is it this one?",
        sid(25, "MM"),
        {"attachments": [attachment("image", "image/jpeg", 25, 4)]},
    ),
    "speaks": (
        "whatsapp_voice",
        MEDIA.format(26, 5),
        sid(26, "MM"),
        {"attachments": [attachment("audio", "audio/ogg", 26, 5)]},
    ),
    "sends a contact": (
        "whatsapp_contact",
        "Ann",
        sid(27, "MM"),
        {"attachments": [attachment("text", "text/vcard", 27, 6)]},
    ),
    "answers to a message": (
        "whatsapp_answer_to_a_message",
        "that one",
        sid(28),
        {"forwarded": "true", "original_replied_message_sid": sid(9, "MM")},
    ),
    "comes from an advertisement": (
        "whatsapp_advertisement",
        "I saw your ad",
        sid(29),
        {
            "referral": {
                "body": "Half price",
                "headline": "Sale",
                "source_id": "118588094077142",
                "source_type": "post",
                "source_url": "https://example.com/ad",
                "ctwa_clid": "ARAkLkA8rmlFeiCktEJQ",
                "num_media": "0",
            }
        },
    ),
    "writes bytes that are no UTF-8": ("bad_utf_8", "\ufffd\ufffd", sid(40), {}),
}

#: What is no message to the bot.
IGNORED = [
    "opt_out",
    "help",
    "own_number",
    "empty",
    "status_queued",
    "status_sent",
    "status_delivered",
    "status_read",
    "status_undelivered",
    "status_failed",
    "phone_call",
    "json_body",
]


@pytest.mark.parametrize("name", MESSAGES)
def test_what_a_user_does(name):
    example, text, message_sid, metadata = MESSAGES[name]
    instance = channel()
    instance.verify(request(example))
    [heard] = instance.parse(request(example))
    assert (heard.text, heard.message_id) == (text, message_sid)
    assert heard.input_channel == "twilio"
    assert heard.metadata.items() >= metadata.items()
    assert ("body" in heard.metadata) == ("body" in metadata)


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_no_message(name):
    instance = channel()
    instance.verify(request(name))
    assert instance.parse(request(name)) == []
    assert instance.get_metadata(request(name)) is None


@pytest.mark.parametrize(
    ("example", "sender", "number"),
    [("text", USER, NUMBER), ("whatsapp_text", WHATSAPP_USER, WHATSAPP_NUMBER)],
)
def test_the_address_names_the_conversation_as_in_rasa(example, sender, number):
    [heard] = channel().parse(request(example))
    assert heard.sender_id == sender
    assert heard.reply_to == {"number": number, "message_sid": heard.message_id}
    queued = InboxMessage("twilio", heard, 1.0)
    assert InboxMessage.from_json(queued.to_json()).message.reply_to == heard.reply_to


def test_the_metadata_of_a_text_message_in_full():
    assert channel().get_metadata(request("text")) == {
        "account_sid": "AC00000000000000000000000000000001",
        "from": USER,
        "from_city": "SAN FRANCISCO",
        "from_country": "US",
        "from_state": "CA",
        "from_zip": "94103",
        "message_sid": sid(1),
        "num_segments": "1",
        "to": NUMBER,
        "to_country": "US",
    }


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"Body": "  \n Hi \n"}, "Hi"),
        ({"Body": "\u00a1Hola!"}, "\u00a1Hola!"),
        ({"Body": "pick", "MediaUrl0": "https://a", "MediaUrl1": "https://b"}, "pick"),
        ({"Body": "", "MediaUrl0": "https://a", "MediaUrl1": "https://b"}, "https://a\nhttps://b"),
        ({"Body": "Yes", "ButtonText": "Yes", "ButtonPayload": ""}, "Yes"),
        ({"Body": "", "ButtonText": "Yes"}, "Yes"),
        ({"Body": "x", "Latitude": "52", "Longitude": ""}, "x"),
        (
            {"Latitude": "inf", "Longitude": "x"},
            '/locationData{"Latitude": "inf", "Longitude": "x"}',
        ),
        (
            {"Body": "here", "Latitude": "-5", "Longitude": "1e1"},
            '/locationData{"Latitude": -5.0, "Longitude": 10.0}',
        ),
    ],
)
def test_texts(fields, text):
    [heard] = channel().parse(message(**fields))
    assert heard.text == text


def test_a_place_is_an_intent_with_entities_that_rasa_can_read():
    [heard] = channel().parse(request("whatsapp_location"))
    intent, _, entities = heard.text.partition("{")
    assert intent == "/locationData"
    assert json.loads("{" + entities) == {"Latitude": 52.520008, "Longitude": 13.404954}


def test_a_body_beside_a_place_is_kept():
    [heard] = channel().parse(message(Body="here", Latitude="1", Longitude="2"))
    assert heard.metadata["body"] == "here"


@pytest.mark.parametrize("key", ["MessageSid", "SmsMessageSid"])
@pytest.mark.parametrize(
    "message_sid", [sid(7), sid(7, "MM"), "SMabcdef" + "0" * 26, "SM" + "F" * 32]
)
def test_the_same_message_again_has_the_same_id(key, message_sid):
    fields = {"From": USER, "To": NUMBER, "Body": "Hi", key: message_sid}
    first, again = (channel().parse(post(fields))[0] for _ in range(2))
    assert first.message_id == again.message_id == message_sid


@pytest.mark.parametrize(
    "ids",
    [
        {},
        {"SmsSid": sid(7)},
        {"MessageSid": ""},
        {"MessageSid": "SM7"},
        {"MessageSid": f"{sid(7)}0"},
        {"MessageSid": f"{sid(7)} "},
        {"MessageSid": sid(7, "AC")},
        {"MessageSid": sid(7, "IM")},
        {"MessageSid": "SM" + "g" * 32},
    ],
)
def test_a_message_without_an_id_of_twilios_is_refused(ids):
    asked = post({"From": USER, "To": NUMBER, "Body": "Hi", "SmsStatus": "received", **ids})
    with pytest.raises(VerificationError) as refused:
        channel().parse(asked)
    assert refused.value.status == 403


@pytest.mark.parametrize("example", ["status_sent", "status_undelivered", "phone_call", "empty"])
@pytest.mark.parametrize("message_sid", ["", "SM7", "IM00000000000000000000000000000007"])
def test_what_is_no_message_needs_no_id(example, message_sid):
    fields = {**dict(parse_qsl(request(example).body.decode(), True)), "MessageSid": message_sid}
    assert channel().parse(post(fields)) == []


def test_an_event_of_a_conversation_of_twilios_is_answered():
    fields = {
        "EventType": "onMessageAdded",
        "ConversationSid": sid(1, "CH"),
        "Author": USER,
        "Body": "hi",
        "MessageSid": sid(1, "IM"),
        "Source": "SMS",
    }
    assert channel().parse(post(fields)) == []


@pytest.mark.parametrize(
    "sender",
    [
        USER,
        "40404",
        WHATSAPP_USER,
        "whatsapp:US.13491208655302741918",
        "whatsapp:US.ENT.11815799212886844830",
        "whatsapp:US.aB3xYz",
        "messenger:2311415678999999",
        "rcs:+15005550006",
        "rcs:brand_agent",
        "sip:Bob.Foster@example.sip.twilio.com",
        "whatsapp:US.1349aB20F3",
        "whatsapp:US.550E8400F3",
        "Twilio",
        "ParentMail",
        "Labelle",
        "My Shop",
    ],
)
def test_every_address_that_twilio_knows_is_a_sender(sender):
    [heard] = channel().parse(message(From=sender))
    assert heard.sender_id == sender


@pytest.mark.parametrize(
    "body",
    [
        "https://homes.example.com/search?priceFrom=500000&priceTo=900000",
        "https://trains.example.com/?stationFrom=8011160&dateFrom=20261224",
        "From=12345&To=9",
        "From+15550000666MessageSidSM" + "e" * 32,
    ],
)
def test_a_text_may_look_like_fields(body):
    [heard] = channel().parse(message(Body=body))
    assert (heard.text, heard.sender_id) == (body, USER)


@pytest.mark.parametrize(
    "fields",
    [
        {"From": ""},
        {"From": NUMBER},
        {"From": "+1", "To": "+1"},
        {"SmsStatus": "sent"},
        {"SmsStatus": "received", "MessageStatus": "delivered"},
        {"CallSid": "CA1"},
        {"OptOutType": "stop"},
        {"Body": " \n "},
    ],
)
def test_no_messages(fields):
    assert channel().parse(message(**fields)) == []


def test_a_message_without_a_status_is_one():
    fields = {key: value for key, value in FIELDS.items() if key != "SmsStatus"}
    assert channel().parse(post(fields))


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "multipart/form"])
def test_bodies_that_are_no_form_are_no_message(content_type):
    body = b"From=%2B1&Body=Hi&MessageSid=SM1"
    asked = Request("POST", "/webhooks/twilio/webhook", {"content-type": content_type}, body)
    assert channel().parse(asked) == []


def test_a_query_beside_a_form_is_no_message():
    assert channel().parse(post({}, query_string="From=%2B1&Body=Hi&MessageSid=SM1")) == []


def test_a_form_of_too_many_fields_is_no_message():
    assert channel().parse(post(b"From=a&Body=b&" + b"x=1&" * 1000)) == []


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ("status_undelivered", "message SM00000000000000000000000000000034 undelivered: 63016"),
        ("status_failed", "message SM00000000000000000000000000000035 failed: 30007"),
    ],
)
def test_a_message_that_never_arrived_is_told_to_the_operator_by_its_id(example, said, caplog):
    channel().parse(request(example))
    assert said in caplog.text
    assert "+1500" not in caplog.text


def test_outside_of_whatsapps_window_the_log_says_what_to_do(caplog):
    channel().parse(request("status_undelivered"))
    assert "24 hours" in caplog.text
    assert "content_sid" in caplog.text


@pytest.mark.parametrize("example", ["status_queued", "status_sent", "status_read", "text"])
def test_what_goes_well_is_not_logged(example, caplog):
    caplog.set_level(logging.INFO)
    channel().parse(request(example))
    assert caplog.text == ""


EXAMPLES = {MESSAGES[name][0] for name in MESSAGES}
SENT = {name for example in EXAMPLES for name in Request.from_event(event(example)).form}
NAMES = [*sorted(SENT), "OptOutType", "CallSid", "MessageStatus", "Referral", "Body0", "A", "1"]
VALUES = st.text(max_size=20) | st.sampled_from(["nan", "1e999", "received", "STOP", "https://a"])


@given(fields=st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES, max_size=12))
def test_any_fields_are_read_and_what_is_read_crosses_the_queue(fields):
    incoming = read_message(fields)
    if incoming is not None:
        assert incoming.text
        assert incoming.sender == fields["From"]
        json.dumps(incoming.metadata)


@given(fields=st.dictionaries(st.sampled_from(["ProfileName", "NewField"]), st.text(min_size=1)))
def test_fields_that_are_new_to_us_reach_the_agent(fields):
    named = {"ProfileName": "profile_name", "NewField": "new_field"}
    [heard] = channel().parse(
        message(**{k: v.encode("utf-8", "replace") for k, v in fields.items()})
    )
    assert heard.metadata.items() >= {
        (named[key], value.encode("utf-8", "replace").decode()) for key, value in fields.items()
    }
