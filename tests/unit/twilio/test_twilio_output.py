"""What a bot says, as the calls of the Messages API that it becomes, and what errors become."""

import asyncio
import base64
import logging

import pytest

from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.twilio.api import TwilioApi
from tests.pages import PAGES
from tests.servers.recording_server import recording_server
from tests.unit.twilio.account import (
    ACCOUNT_SID,
    NUMBER,
    TOKEN,
    USER,
    WHATSAPP_NUMBER,
    WHATSAPP_USER,
    account,
    created,
    parts,
    refused,
    say,
)

IMAGE = "https://example.com/i.png"
FILE = "https://example.com/f.pdf"
YES = {"title": "Yes", "payload": "/affirm"}
NO = {"title": "No", "payload": "/deny"}


def sent(**fields):
    return {"To": USER, "From": NUMBER, **fields}


GOLDEN = {
    "a text": ({"text": "hi \u00e9 & co"}, [sent(Body="hi \u00e9 & co")]),
    "paragraphs": (
        {"text": "one\n\ntwo\nlines\n\n\n"},
        [sent(Body="one"), sent(Body="two\nlines")],
    ),
    "a blank text": ({"text": " \n\n "}, []),
    "half a surrogate pair": ({"text": "hi \ud83d"}, [sent(Body="hi ?")]),
    "an image": ({"image": IMAGE}, [sent(MediaUrl=IMAGE)]),
    "text and image": ({"text": "see", "image": IMAGE}, [sent(Body="see"), sent(MediaUrl=IMAGE)]),
    "buttons": (
        {"text": "Sure?\n\nReally?", "buttons": [YES, NO]},
        [sent(Body="Sure?\n\nReally?\n1. Yes\n2. No")],
    ),
    "buttons without a text": ({"buttons": [YES]}, [sent(Body="1. Yes")]),
    "a link among buttons": (
        {"text": "See", "buttons": [{"title": "Site", "url": "https://example.com"}, YES]},
        [sent(Body="See\nSite: https://example.com\n1. Yes")],
    ),
    "quick replies": (
        {"text": "Sure?", "quick_replies": [YES, NO]},
        [sent(Body="Sure?\n1. Yes\n2. No")],
    ),
    "a file": ({"attachment": FILE}, [sent(MediaUrl=FILE)]),
    "a file in Rasa's form": (
        {"attachment": {"type": "video", "payload": {"src": FILE}}},
        [sent(MediaUrl=FILE)],
    ),
    "a file in Messenger's form": (
        {"attachment": {"type": "file", "payload": {"url": FILE}}},
        [sent(MediaUrl=FILE)],
    ),
    "an attachment that is no file": (
        {"attachment": {"type": "template"}},
        [sent(Body="Attachment: {'type': 'template'}")],
    ),
    "a carousel": (
        {
            "elements": [
                {"title": "A", "subtitle": "a", "image_url": IMAGE, "buttons": [YES]},
                {"title": "B", "buttons": [NO]},
                {"title": "C"},
                {},
            ]
        },
        [
            sent(MediaUrl=IMAGE),
            sent(Body="A : a\n1. Yes"),
            sent(Body="B\n2. No"),
            sent(Body="C"),
        ],
    ),
    "custom JSON of messages.create": (
        {"custom": {"body": "hi", "media_url": [IMAGE, FILE], "send_as_mms": True}},
        [sent(Body="hi", MediaUrl=[IMAGE, FILE], SendAsMms="true")],
    ),
    "custom JSON to and from others": (
        {"custom": {"to": "+15005550007", "from_": "+15005550008", "body": "hi"}},
        [{"To": "+15005550007", "From": "+15005550008", "Body": "hi"}],
    ),
    "custom JSON by a messaging service": (
        {"custom": {"messaging_service_sid": "MG1", "body": "hi"}},
        [{"To": USER, "MessagingServiceSid": "MG1", "Body": "hi"}],
    ),
    "custom JSON without a text": (
        {"custom": {"status_callback": "https://example.com/s", "body": None}},
        [sent(StatusCallback="https://example.com/s", Body="")],
    ),
    "a content template": (
        {"custom": {"content_sid": "HX1", "content_variables": {"1": "Tuesday \u00e9"}}},
        [sent(ContentSid="HX1", ContentVariables='{"1": "Tuesday \\u00e9"}')],
    ),
    "a content template with variables as JSON": (
        {"custom": {"content_sid": "HX1", "content_variables": '{"1": "x"}'}},
        [sent(ContentSid="HX1", ContentVariables='{"1": "x"}')],
    ),
    "other custom JSON": ({"custom": {"a": 1}}, [sent(Body='{"a": 1}')]),
    "custom JSON that is no object": ({"custom": [1, 2]}, [sent(Body="[1, 2]")]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_what_a_response_becomes(name):
    response, forms = GOLDEN[name]
    assert say(response) == forms


def test_a_call_as_it_goes_over_the_wire():
    with account() as (output, api):
        asyncio.run(output.send_text_message(USER, "hi"))
        [call] = api.server.requests
    login = base64.b64encode(f"{ACCOUNT_SID}:{TOKEN}".encode()).decode()
    assert (call.method, call.path) == (
        "POST",
        f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json",
    )
    assert call.headers["authorization"] == f"Basic {login}"
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert call.body == b"To=%2B15005550006&From=%2B15005550010&Body=hi"


def test_an_api_key_logs_in_in_place_of_the_auth_token():
    with account(api_key_sid="SK1", api_key_secret="s") as (output, api):
        asyncio.run(output.send_text_message(USER, "hi"))
        [call] = api.server.requests
    assert call.headers["authorization"] == f"Basic {base64.b64encode(b'SK1:s').decode()}"
    assert call.path.startswith(f"/2010-04-01/Accounts/{ACCOUNT_SID}/")


def test_connections_are_kept():
    with account() as (output, api):
        asyncio.run(output.send_text_message(USER, "one\n\ntwo"))
        assert (len(api.server.requests), api.server.connections) == (2, 1)


def test_the_platforms_id_is_the_message_sid():
    sids = [f"SM{1:032}", f"MM{2:032}"]
    assert parts({"text": "one\n\ntwo"}, *map(created, sids))[1] == sids


EVERYTHING = {
    "text": "one\n\ntwo",
    "custom": {"body": "three"},
    "image": IMAGE,
    "attachment": FILE,
    "elements": [{"title": "A", "image_url": IMAGE, "buttons": [YES]}],
}


@pytest.mark.parametrize("already", range(8))
def test_a_turn_goes_on_with_exactly_what_is_left(already):
    whole, _ = parts(EVERYTHING)
    assert len(whole) == 7
    assert parts(EVERYTHING, sent=already)[0] == whole[already:]


WINDOW = "Failed to send freeform message because you are outside the allowed window."


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (refused(20003, "Authenticate", 401), CredentialsError, "check 'account_sid'"),
        (refused(20404, "not found", 404), CredentialsError, "check 'account_sid'"),
        (refused(20005, "Account not active", 403), CredentialsError, "20005: Account not"),
        (refused(21610, "unsubscribed"), RecipientGone, "21610 .*STOP"),
        (refused(20429, "Too Many Requests", 429), RateLimited, "status 429"),
        (refused(21611, "queue is full"), RateLimited, "21611"),
        (refused(63016, WINDOW), SendError, "63016 .*24 hours.*content_sid"),
        (refused(21211, "not a valid phone number"), SendError, "21211: not a valid"),
        (refused(21614, "not a mobile number"), SendError, "21614"),
        (refused(21408, "no permission"), SendError, "21408 .*Geo permissions"),
        (refused(21617, "exceeds the 1600 character limit"), SendError, "21617"),
        ((401, b"", {}), PlatformUnavailable, "'api_base'"),
        ((400, b"<html>", {}), PlatformUnavailable, "status 400"),
        ((400, b"[1]", {}), PlatformUnavailable, "status 400"),
        ((302, b"", {"location": "https://example.com"}), PlatformUnavailable, "status 302"),
        (refused(20500, "Internal Server Error", 500), PlatformUnavailable, "status 500"),
        ((503, b"", {}), PlatformUnavailable, "status 503"),
        (None, PlatformUnavailable, "no answer"),
    ],
)
def test_what_an_error_becomes(answer, error, text):
    with account(answer) as (output, _), pytest.raises(error, match=text) as raised:
        asyncio.run(output.send_text_message(USER, "a secret of mine"))
    assert raised.type is error
    assert TOKEN not in str(raised.value)
    assert "secret of mine" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ((429, b"", {"retry-after": "7"}), 7),
        (refused(20429, status=429), 5),
        (refused(21611), 60),
    ],
)
def test_how_long_twilio_is_left_in_peace(answer, seconds):
    with account(answer) as (output, _), pytest.raises(RateLimited) as raised:
        asyncio.run(output.send_text_message(USER, "hi"))
    assert raised.value.retry_after == seconds


def test_a_part_that_is_refused_for_good_does_not_stop_the_turn():
    forms, marks = parts({"text": "one\n\ntwo"}, refused(63016, WINDOW))
    assert [form["Body"] for form in forms] == ["one", "two"]
    assert marks[0].startswith("refused: status 400: 63016")


def test_unknown_arguments_are_named_and_nothing_is_sent():
    forms, marks = parts({"custom": {"body": "hi", "media": IMAGE, "sid": 1}, "image": IMAGE})
    assert forms == [sent(MediaUrl=IMAGE)]
    assert "no argument 'media', 'sid'" in marks[0]


@pytest.mark.parametrize(
    ("response", "text"),
    [
        ({"image": IMAGE}, f"Image: {IMAGE}"),
        ({"attachment": FILE}, f"Attachment: {FILE}"),
    ],
)
def test_a_file_that_twilio_refuses_is_sent_as_its_address(response, text, caplog):
    caplog.set_level(logging.WARNING)
    assert say(response, refused(21620, "Invalid media URL"))[1:] == [sent(Body=text)]
    assert "21620" in caplog.text


@pytest.mark.parametrize("answer", [refused(21610), refused(20429, status=429), (500, b"", {})])
def test_a_file_is_not_sent_as_its_address_where_that_would_not_help(answer):
    with account(answer) as (output, api), pytest.raises(SendError):
        asyncio.run(output.send_image_url(USER, IMAGE))
    assert len(api.server.requests) == 1


def test_another_recipient_who_is_gone_does_not_end_the_conversation():
    custom = {"custom": {"to": "+15005550007", "body": "hi"}}
    with account(refused(21610)) as (output, _), pytest.raises(SendError) as raised:
        asyncio.run(output.send_response(USER, custom))
    assert raised.type is SendError


def typing(*answers, recipient=WHATSAPP_USER, received="whatsapp_text", **settings):
    with account(*answers, received=received, **settings) as (output, api):
        asyncio.run(output.show_typing(recipient))
        return [(call.path, call.body) for call in api.server.requests]


def test_typing_is_shown_on_whatsapp_where_it_is_switched_on():
    body = b"channel=whatsapp&messageId=SM00000000000000000000000000000020"
    assert typing(typing=True) == [("/v2/Indicators/Typing.json", body)]
    assert typing() == []
    assert typing(typing=True, recipient=USER, received="text") == []


@pytest.mark.parametrize("status", [401, 404])
def test_typing_that_is_refused_does_not_stop_the_turn(status):
    with pytest.raises(SendError):
        typing(refused(20404, status=status), typing=True)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_place_of_typing_does_not_say_that_the_login_is_wrong(page):
    with pytest.raises(PlatformUnavailable):
        typing(PAGES[page], typing=True)


@pytest.mark.parametrize(
    ("api_base", "messaging"),
    [
        ("https://api.twilio.com", "https://messaging.twilio.com/v2"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/v2"),
    ],
)
def test_another_api_base_stands_for_all_of_twilios_hosts(api_base, messaging):
    api = TwilioApi(ACCOUNT_SID, (ACCOUNT_SID, TOKEN), api_base)
    assert api._messaging._base_url == messaging
    api.close()


def test_a_whatsapp_user_is_answered_by_the_whatsapp_sender():
    forms = say({"text": "hi"}, received="whatsapp_text", recipient=WHATSAPP_USER)
    assert forms == [{"To": WHATSAPP_USER, "From": WHATSAPP_NUMBER, "Body": "hi"}]


def test_no_message_is_sent_twice_by_a_call():
    with recording_server(lambda request: None) as server:
        api = TwilioApi(ACCOUNT_SID, (ACCOUNT_SID, TOKEN), server.url)
        with pytest.raises(PlatformUnavailable):
            api.send_message({"To": USER})
        api.close()
        assert len(server.requests) == 1
