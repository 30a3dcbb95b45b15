"""What users do on Messenger and Instagram, and what becomes of it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.errors import PayloadError
from channels.facebook import FacebookInput
from channels.http.request import Request
from tests.unit.facebook.conftest import CREDENTIALS, Kept, channel, event, page, post

PAGE = "1000000000001"
OTHER_PAGE = "1000000000002"
INSTAGRAM = "17841400000000000"


def parsed(body, **options):
    return channel(**options).parse(post(body))


@pytest.mark.parametrize(
    ("name", "texts", "what"),
    [
        ("text", ["hi"], "writes"),
        ("base64", ["hi"], "writes, and API Gateway encodes it"),
        ("escaped_unicode", ["äöå / 😀"], "writes beyond ASCII"),
        ("batch", ["hi", "/greet", "other page"], "three things at once, on two pages"),
        ("quick_reply", ['/inform{"colour":"red"}'], "taps a quick reply"),
        ("postback", ["/greet"], "clicks a button"),
        ("postback_without_payload", ["Get started"], "clicks a button without payload"),
        ("two_images", ["https://cdn.example/a.jpg\nhttps://cdn.example/b.jpg"], "sends 2 images"),
        ("audio", ["https://cdn.example/a.mp4"], "sends a voice message"),
        ("video", ["https://cdn.example/a.mp4"], "sends a video"),
        ("file", ["https://cdn.example/a.pdf"], "sends a file"),
        ("sticker", ["https://cdn.example/thumb.png"], "sends a sticker"),
        ("location", ['{"lng": 13.4, "lat": 52.5}'], "sends a place"),
        ("image_with_caption", ["my receipt"], "sends an image with a text"),
        ("link_preview", ["https://x.io"], "sends a link, which gets a preview"),
        ("reply", ["this one"], "answers a certain message"),
        ("referral", ["promo"], "follows a link with ref"),
        ("optin", ["/subscribed"], "agrees to be written to"),
        ("user_ref", ["/greet"], "clicks in a web page's plugin"),
        ("instagram_text", ["hi"], "writes on Instagram"),
        ("instagram_story_reply", ["nice!"], "answers a story"),
        ("instagram_story_mention", ["https://cdn.example/mention.jpg"], "mentions in a story"),
        ("echo_text", [], "nothing: the bot's text comes back"),
        ("echo_image", [], "nothing: the bot's image comes back"),
        ("echo_quick_reply", [], "nothing: the bot's quick reply comes back"),
        ("instagram_echo", [], "nothing: the bot's text comes back on Instagram"),
        ("delivery", [], "nothing: a message was delivered"),
        ("read", [], "reads"),
        ("reaction", [], "reacts"),
        ("edit", [], "edits a message"),
        ("instagram_deleted", [], "takes a message back"),
        ("account_linking", [], "links an account"),
        ("handover", [], "nothing: another app hands the conversation over"),
        ("standby", [], "writes while another app has the conversation"),
        ("changes", [], "comments on a post"),
        ("other_object", [], "changes a profile"),
        ("shared_product", [], "shares what has neither text nor URL"),
        ("no_attachments", [], "nothing: an empty list of attachments"),
    ],
)
def test_a_user(example, name, texts, what):
    request = Request.from_event(example(name))
    facebook = channel()
    facebook.verify(request)
    messages = facebook.parse(request)
    assert [message.text for message in messages] == texts
    assert {message.input_channel for message in messages} <= {"facebook"}
    again = facebook.parse(Request.from_event(example(name)))
    assert [m.message_id for m in again] == [m.message_id for m in messages]


def test_a_message_has_the_platforms_id_rasas_sender_and_a_way_back(example):
    [message] = channel().parse(Request.from_event(example("text")))
    assert (message.message_id, message.sender_id) == ("m_A1", "PSID_1")
    assert message.metadata == {"platform": "messenger", "page_id": PAGE}
    assert message.reply_to == {
        "platform": "messenger",
        "page": PAGE,
        "recipient": {"id": "PSID_1"},
    }


def test_the_events_of_a_batch_are_of_their_own_pages_and_users(example):
    messages = channel().parse(Request.from_event(example("batch")))
    assert [
        (message.message_id, message.sender_id, message.reply_to["page"]) for message in messages
    ] == [("m_A1", "PSID_1", PAGE), ("m_P1", "PSID_2", PAGE), ("m_B1", "PSID_3", OTHER_PAGE)]


def test_conversations_by_page(example):
    request = Request.from_event(example("batch"))
    messages = channel(conversation_granularity="page").parse(request)
    assert [message.sender_id for message in messages] == [
        f"{PAGE}:PSID_1",
        f"{PAGE}:PSID_2",
        f"{OTHER_PAGE}:PSID_3",
    ]
    assert messages[0].reply_to["recipient"] == {"id": "PSID_1"}


@pytest.mark.parametrize(
    ("name", "metadata"),
    [
        ("quick_reply", {"title": "Red"}),
        ("postback", {"title": "Get started"}),
        (
            "image_with_caption",
            {"attachments": [{"type": "image", "payload": {"url": "https://cdn.example/a.jpg"}}]},
        ),
        ("reply", {"reply_to": {"mid": "m_OUT1"}}),
        ("referral", {"referral": {"ref": "promo", "source": "SHORTLINK", "type": "OPEN_THREAD"}}),
        (
            "instagram_story_reply",
            {"reply_to": {"story": {"url": "https://cdn.example/story.jpg", "id": "S1"}}},
        ),
    ],
)
def test_what_is_known_beside_the_text(example, name, metadata):
    [message] = channel().parse(Request.from_event(example(name)))
    own = {key: value for key, value in message.metadata.items() if key in metadata}
    assert own == metadata
    assert set(message.metadata) == {"platform", "page_id", *metadata}


def test_a_postback_tells_the_link_that_led_to_it(example):
    _, message, _ = channel().parse(Request.from_event(example("batch")))
    assert message.metadata["referral"]["ref"] == "ad1"


def test_a_subclass_adds_metadata_as_in_rasa(example):
    class MyFacebook(FacebookInput):
        def get_metadata(self, request):
            return {"page_id": "mine", "size": len(request.body)}

    request = Request.from_event(example("text"))
    [message] = MyFacebook.from_credentials(CREDENTIALS).parse(request)
    expected = {"platform": "messenger", "page_id": "mine", "size": len(request.body)}
    assert message.metadata == expected


def test_instagram_is_told_apart(example):
    [message] = channel().parse(Request.from_event(example("instagram_text")))
    assert message.metadata["platform"] == "instagram"
    assert message.reply_to == {
        "platform": "instagram",
        "page": INSTAGRAM,
        "recipient": {"id": "IGSID_1"},
    }


def test_a_user_of_a_plugin_has_a_reference_in_place_of_an_id(example):
    [message] = channel().parse(Request.from_event(example("user_ref")))
    assert message.sender_id == "REF1"
    assert message.reply_to["recipient"] == {"user_ref": "REF1"}
    [opted] = parsed(page({"timestamp": 1, "optin": {"ref": "shop", "user_ref": "REF2"}}))
    assert (opted.text, opted.reply_to["recipient"]) == ("shop", {"user_ref": "REF2"})


def test_what_the_page_says_is_an_echo_even_without_the_mark():
    assert parsed(page(event(sender=PAGE, message={"mid": "m_X", "text": "bot said"}))) == []


def test_events_are_in_the_order_of_their_time():
    body = page(
        event(timestamp=3, message={"mid": "c", "text": "c"}),
        event(timestamp=1, message={"mid": "a1", "text": "a1"}),
        event(timestamp=1, message={"mid": "a2", "text": "a2"}),
    )
    body["entry"] += page(event(timestamp=2, message={"mid": "b", "text": "b"}))["entry"]
    assert [message.text for message in parsed(body)] == ["a1", "a2", "b", "c"]


def test_a_thousand_events_in_one_batch():
    events = [event(timestamp=n, message={"mid": f"m{n}", "text": str(n)}) for n in range(1000)]
    messages = parsed(page(*events))
    assert [message.message_id for message in messages] == [f"m{n}" for n in range(1000)]
    assert len(json.dumps(page(*events))) < FacebookInput.max_body_size


def test_events_without_an_id_are_told_apart_and_recognised_again():
    first = event(timestamp=1, referral={"ref": "promo"})
    other = event(timestamp=2, referral={"ref": "promo"})
    ids = [message.message_id for message in parsed(page(first, other, first))]
    assert ids[0] == ids[1] != ids[2]


def test_a_message_of_a_quick_reply_without_payload_is_its_text():
    message = {"mid": "m", "text": "Red", "quick_reply": {}}
    assert [each.text for each in parsed(page(event(message=message)))] == ["Red"]


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"1", b"null", b'"page"', b"\xff", b"{" * 9999])
def test_a_body_that_is_no_object_is_a_payload_error(body):
    with pytest.raises(PayloadError):
        parsed(body)


KEYS = """object entry messaging id sender recipient timestamp message mid text attachments type
payload url coordinates quick_reply postback referral ref optin user_ref title is_echo"""
NAMES = st.sampled_from(KEYS.split())
ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
JSON = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=50)
@given(entry=JSON, event_=st.dictionaries(NAMES, JSON), kind=st.sampled_from(["page", "instagram"]))
def test_any_json_gives_messages_that_can_be_queued(entry, event_, kind):
    for entries in ([entry], [{"id": "1", "messaging": [event_, entry]}], entry):
        for message in parsed({"object": kind, "entry": entries}):
            json.dumps([message.text, message.sender_id, message.metadata, message.reply_to])
            assert message.text is not None
            assert message.sender_id
            assert message.message_id


STICKER = {"mid": "m_S", "attachments": [{"type": "sticker", "payload": {"sticker_id": 369}}]}
UNREAD = {
    "a sticker without an address": ({"message": STICKER}, "INFO", "mid='m_S'"),
    "a postback without a payload": ({"postback": {"mid": "m_P"}}, "INFO", "mid='m_P'"),
    "a kind to come": ({"wave": {"mid": "m_W"}}, "INFO", "'wave'"),
    "a reading": ({"read": {"watermark": 1}}, "DEBUG", "'read'"),
    "a deletion": ({"message": {"mid": "m_D", "is_deleted": True}}, "DEBUG", "mid='m_D'"),
    "an echo": ({"message": {"mid": "m_E", "is_echo": True, "text": "hi"}}, "DEBUG", "own"),
}


@pytest.mark.parametrize(("said", "level", "told"), UNREAD.values(), ids=UNREAD)
def test_what_says_nothing_is_logged_by_its_ids(said, level, told, caplog):
    caplog.set_level("DEBUG", "channels")
    assert parsed(page(event(**said))) == []
    [record] = caplog.records
    assert record.levelname == level
    assert told in record.message


def test_a_stored_payload_is_put_back_and_a_forgotten_one_is_its_title():
    facebook = channel()
    facebook.memory = Kept()
    key = "payload:" + "0" * 40
    facebook.memory.put(key, "/long", 1.0)
    for value, text in ((key, "/long"), ("payload:" + "1" * 40, "Yes"), ("/other", "/other")):
        [message] = facebook.parse(post(page(event(postback={"title": "Yes", "payload": value}))))
        assert facebook.enrich(message) is True
        assert message.text == text
    facebook.memory = None
    [message] = facebook.parse(post(page(event(postback={"title": "Yes", "payload": key}))))
    assert facebook.enrich(message) is True
    assert message.text == key
