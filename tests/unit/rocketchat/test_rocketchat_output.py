"""What a bot says, as the posts that it becomes."""

import asyncio

import pytest

from channels.errors import SendError
from channels.messages.payloads import LIFETIME, key_of
from tests.unit.rocketchat.server import (
    LIVECHAT,
    ROOM,
    KeyValueStore,
    Server,
    channel,
    fault_of,
    parts,
    request,
    say,
    server,
)

IMAGE = "https://example.com/i.png"
FILE = "https://example.com/files/a%20b.pdf"
YES = {"title": "Yes", "payload": "yes"}
NO = {"title": "No", "payload": "no"}


def post(**arguments):
    return {"roomId": ROOM, **arguments}


def press(text, msg):
    return {"type": "button", "text": text, "msg": msg, "msg_in_chat_window": True}


GOLDEN = {
    "a text": ({"text": "hi \u00e9"}, [post(text="hi \u00e9")]),
    "paragraphs": (
        {"text": "one\n\ntwo\nlines\n\n\n"},
        [post(text="one"), post(text="two\nlines")],
    ),
    "a blank text": ({"text": " \n\n "}, []),
    "an image": (
        {"image": IMAGE},
        [post(attachments=[{"image_url": IMAGE, "collapsed": False}])],
    ),
    "an image that is no address": ({"image": "cat.png"}, [post(text="Image: cat.png")]),
    "buttons": (
        {"text": "Sure?\n\nReally?", "buttons": [YES, NO]},
        [
            post(
                text="Sure?\n\nReally?",
                attachments=[{"actions": [press("Yes", "yes"), press("No", "no")]}],
            )
        ],
    ),
    "a button of an intent, which must not look like a command": (
        {"text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}]},
        [post(text="Sure?", attachments=[{"actions": [press("Yes", "\u200b/affirm")]}])],
    ),
    "quick replies": (
        {"text": "Sure?", "quick_replies": [YES]},
        [post(text="Sure?", attachments=[{"actions": [press("Yes", "yes")]}])],
    ),
    "buttons without a text": (
        {"buttons": [YES]},
        [post(attachments=[{"actions": [press("Yes", "yes")]}])],
    ),
    "buttons that lack a part": (
        {"text": "?", "buttons": [{"title": "Yes"}, {"payload": "no"}, "Maybe", {}]},
        [
            post(
                text="?",
                attachments=[
                    {
                        "actions": [
                            press("Yes", "Yes"),
                            press("no", "no"),
                            press("Maybe", "Maybe"),
                            press("\u2026", "\u2026"),
                        ]
                    }
                ],
            )
        ],
    ),
    "a button with an object as payload": (
        {"text": "?", "buttons": [{"title": "A", "payload": {"a": 1}}]},
        [post(text="?", attachments=[{"actions": [press("A", '{"a": 1}')]}])],
    ),
    "a link button": (
        {"text": "See", "buttons": [{"title": "Site", "url": "https://example.com"}]},
        [
            post(
                text="See",
                attachments=[
                    {"actions": [{"type": "button", "text": "Site", "url": "https://example.com"}]}
                ],
            )
        ],
    ),
    "a button with an address that is none": (
        {"text": "See", "buttons": [{"title": "Site", "url": "javascript:alert(1)"}]},
        [post(text="See", attachments=[{"actions": [press("Site", "javascript:alert(1)")]}])],
    ),
    "a file": (
        {"attachment": FILE},
        [post(attachments=[{"title": "a b.pdf", "title_link": FILE}])],
    ),
    "a video as Rasa writes it": (
        {"attachment": {"type": "video", "payload": {"src": "https://example.com/v.mp4"}}},
        [
            post(
                attachments=[
                    {
                        "title": "v.mp4",
                        "title_link": "https://example.com/v.mp4",
                        "video_url": "https://example.com/v.mp4",
                    }
                ]
            )
        ],
    ),
    "a file as Rasa writes it": (
        {"attachment": {"type": "file", "payload": {"url": "https://example.com/"}}},
        [
            post(
                attachments=[
                    {"title": "https://example.com/", "title_link": "https://example.com/"}
                ]
            )
        ],
    ),
    "Rocket.Chat's own attachment": (
        {"attachment": {"title": "T", "color": "#f00"}},
        [post(attachments=[{"title": "T", "color": "#f00"}])],
    ),
    "several of them": (
        {"attachment": [{"title": "T"}, {"title": "U"}]},
        [post(attachments=[{"title": "T"}, {"title": "U"}])],
    ),
    "an attachment that is neither": (
        {"attachment": "a.pdf"},
        [post(text="Attachment: a.pdf")],
    ),
    "cards": (
        {
            "elements": [
                {
                    "title": "T",
                    "subtitle": "S",
                    "image_url": IMAGE,
                    "default_action": {"type": "web_url", "url": "https://example.com"},
                    "buttons": [YES],
                },
                {"title": "U", "image_url": None, "buttons": []},
                {"title": "V", "image_url": "cat.png"},
            ]
        },
        [
            post(
                attachments=[
                    {
                        "title": "T",
                        "text": "S",
                        "image_url": IMAGE,
                        "title_link": "https://example.com",
                        "actions": [press("Yes", "yes")],
                    },
                    {"title": "U"},
                    {"title": "V", "text": "Image: cat.png"},
                ]
            )
        ],
    ),
    "cards in Rocket.Chat's own form, as Rasa takes them": (
        {"elements": [{"title": "T", "text": "S", "fields": [{"title": "a", "value": "b"}]}]},
        [post(attachments=[{"title": "T", "text": "S", "fields": [{"title": "a", "value": "b"}]}])],
    ),
    "cards without content": ({"elements": [{}, {}]}, []),
    "custom arguments": (
        {"custom": {"text": "hi", "alias": "Bot", "emoji": ":robot:", "attachments": []}},
        [post(text="hi", alias="Bot", emoji=":robot:")],
    ),
    "custom arguments without a text, a KeyError in Rasa": (
        {"custom": {"attachments": [{"title": "T"}]}},
        [post(attachments=[{"title": "T"}])],
    ),
    "a custom message to another channel": (
        {"custom": {"text": "hi", "channel": "#ops"}},
        [{"channel": "#ops", "text": "hi"}],
    ),
    "a custom message to several": (
        {"custom": {"text": "hi", "channel": ["#ops", "@ana"]}},
        [{"channel": ["#ops", "@ana"], "text": "hi"}],
    ),
    "a custom message to two places, of which channel wins": (
        {"custom": {"text": "hi", "roomId": "r2", "channel": "#ops"}},
        [{"channel": "#ops", "text": "hi"}],
    ),
    "a custom message to another room": (
        {"custom": {"text": "hi", "roomId": "r2"}},
        [{"roomId": "r2", "text": "hi"}],
    ),
    "a custom message that is not for Rocket.Chat": (
        {"custom": {"a": 1}},
        [post(text='{"a": 1}')],
    ),
    "a custom message that says nothing": (
        {"custom": {"alias": "Bot", "channel": "#ops"}},
        [post(text='{"alias": "Bot", "channel": "#ops"}')],
    ),
    "a custom message that is no object": ({"custom": ["a"]}, [post(text='["a"]')]),
    "text and image": (
        {"text": "see", "image": IMAGE},
        [post(text="see"), post(attachments=[{"image_url": IMAGE, "collapsed": False}])],
    ),
}


@pytest.mark.parametrize("kind", GOLDEN)
def test_a_bot_says(kind):
    response, posts = GOLDEN[kind]
    assert say(response) == posts
    assert [fault_of(each) for each in posts] == [None] * len(posts), "as the server's schema says"


@pytest.mark.parametrize(
    ("custom", "reason"),
    [
        ({"text": "hi", "parseUrls": False, "x": 1}, "parseUrls, x"),
        ({"text": "hi", "attachments": {"title": "T"}}, "attachments"),
        ({"attachments": ["T"]}, "attachments"),
    ],
)
def test_custom_arguments_that_rocketchat_would_refuse_are_named_and_not_sent(custom, reason):
    with server() as (output, model):
        with pytest.raises(SendError, match=reason):
            asyncio.run(output.send_custom_json(ROOM, custom))
        assert model.recorder.requests == []


def test_a_refused_custom_message_does_not_end_the_turn():
    response = {"text": "hi", "custom": {"text": "a", "x": 1}, "image": IMAGE}
    posts, marks = parts(response)
    assert len(posts) == 2
    assert [mark.partition(":")[0] for mark in marks] == ["mOut1", "refused", "mOut2"]


def test_answers_stay_in_the_thread():
    reply_to = {"room": ROOM, "thread": "mThread1"}
    assert say({"text": "hi"}, reply_to=reply_to) == [post(text="hi", tmid="mThread1")]
    [elsewhere] = say({"custom": {"text": "hi", "channel": "#ops"}}, reply_to=reply_to)
    assert "tmid" not in elsewhere
    [own] = say({"custom": {"text": "hi", "tmid": "mThread2"}}, reply_to=reply_to)
    assert own == post(text="hi", tmid="mThread2")


@pytest.mark.parametrize(
    ("recipient", "room"),
    [("GENERAL", "GENERAL"), ("GENERAL:uAna", "GENERAL"), ("uAna", "uAna")],
)
def test_messages_that_the_bot_sends_unasked_go_to_the_room_that_the_recipient_names(
    recipient, room
):
    with server() as (answering, model):
        output = channel(server_url=model.recorder.url).get_output_channel()
        asyncio.run(output.send_text_message(recipient, "hi"))
        assert answering.name() == output.name() == "rocketchat"
        assert model.posts == [{"roomId": room, "text": "hi"}]


@pytest.mark.parametrize("payload", ["/affirm", "yes"])
def test_a_button_reaches_the_bot_where_a_trigger_word_is_needed(payload):
    reply_to = {"room": ROOM, "trigger_word": "!bot"}
    buttons = [{"title": "Yes", "payload": payload}]
    [given] = say({"text": "?", "buttons": buttons}, reply_to=reply_to)
    assert given["attachments"][0]["actions"][0]["msg"] == f"!bot {payload}"


def test_a_payload_longer_than_a_message_is_remembered():
    memory, payload = KeyValueStore(), '/inform{"x": "' + "a" * 5000 + '"}'
    [given] = say({"text": "?", "buttons": [{"title": "T", "payload": payload}]}, memory=memory)
    msg = given["attachments"][0]["actions"][0]["msg"]
    assert (msg, memory[msg]) == (key_of(payload), payload)
    assert LIFETIME in memory.lifetimes
    instance = channel(user=None, password=None, user_id="uBot", auth_token="made-up")
    instance.memory = memory
    [clicked] = instance.parse(request("text"))
    clicked.text = msg
    assert instance.enrich(clicked)
    assert clicked.text == payload


def test_where_nothing_is_remembered_a_button_says_its_title():
    button = {"title": "T", "payload": "a" * 5001}
    [given] = say({"text": "?", "buttons": [button]})
    assert given["attachments"][0]["actions"][0]["msg"] == "T"


LIVECHAT_GOLDEN = {
    "a text": ({"text": "hi"}, [{"text": "hi"}]),
    "an image": (
        {"image": IMAGE},
        [{"attachments": [{"image_url": IMAGE, "collapsed": False}]}],
    ),
    "a file": (
        {"attachment": FILE},
        [{"attachments": [{"title": "a b.pdf", "title_link": FILE}]}],
    ),
    "buttons, which livechat does not show": (
        {"text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}, NO]},
        [{"text": "Sure?\n1: Yes (/affirm)\n2: No (no)"}],
    ),
    "a link button": (
        {"text": "See", "buttons": [{"title": "Site", "url": "https://example.com"}]},
        [{"text": "See\n1: Site (https://example.com)"}],
    ),
    "cards": (
        {
            "elements": [
                {
                    "title": "T",
                    "subtitle": "S",
                    "image_url": IMAGE,
                    "default_action": {"url": "https://example.com"},
                    "buttons": [YES],
                },
                {"title": "U", "subtitle": "R", "buttons": [NO]},
            ]
        },
        [
            {
                "text": "T : S : https://example.com\nU : R\n1: Yes (yes)\n2: No (no)",
                "attachments": [{"image_url": IMAGE, "title_link": "https://example.com"}],
            }
        ],
    ),
    "Rocket.Chat's own attachment": (
        {"attachment": {"title": "T", "fields": [{"title": "a", "value": "b"}]}},
        [{"text": "T\na: b"}],
    ),
    "a video as Rasa writes it": (
        {"attachment": {"type": "video", "payload": {"src": "https://example.com/v.mp4"}}},
        [
            {
                "text": "v.mp4",
                "attachments": [
                    {
                        "title_link": "https://example.com/v.mp4",
                        "video_url": "https://example.com/v.mp4",
                    }
                ],
            }
        ],
    ),
}


@pytest.mark.parametrize("kind", LIVECHAT_GOLDEN)
def test_a_bot_says_to_a_visitor(kind):
    response, posts = LIVECHAT_GOLDEN[kind]
    room = {"roomId": LIVECHAT["room"]}
    assert say(response, reply_to=LIVECHAT) == [{**room, **each} for each in posts]


def test_what_goes_from_livechat_to_a_channel_is_shown_as_in_channels():
    custom = {"channel": "#ops", "attachments": [{"title": "T", "actions": [press("A", "a")]}]}
    assert say({"custom": custom}, reply_to=LIVECHAT) == [custom]


WHOLE = {
    "text": "Pick\n\none",
    "custom": {"text": "c"},
    "image": IMAGE,
    "attachment": FILE,
    "elements": [{"title": "T", "buttons": [YES]}],
}


@pytest.mark.parametrize("sent", range(7))
def test_a_turn_goes_on_after_any_part(sent):
    whole, marks = parts(WHOLE)
    assert marks == [f"mOut{number}" for number in range(1, 7)]
    rest, left = parts(WHOLE, sent=sent)
    assert rest == whole[sent:]
    assert len(left) == 6 - sent


def test_rocketchat_has_no_call_for_typing():
    with server() as (output, model):
        asyncio.run(output.show_typing(ROOM))
        assert model.recorder.requests == []


def test_the_model_of_the_server_is_strict():
    assert isinstance(Server(), Server)
    for wrong in (
        {"text": "a"},
        {"roomId": "r", "channel": "c", "text": "a"},
        {"roomId": "r", "text": 1},
        {"roomId": "r", "parseUrls": True},
        {"channel": "c", "tmid": "m"},
        {"roomId": "r", "text": "a" * 5001},
        {"roomId": "r", "attachments": [{"text": "\U0001f44b" * 2501}]},
        {"roomId": "r", "attachments": [{"image_url": "cat.png"}]},
        {"roomId": "r", "attachments": [{"title": 1}]},
        {"roomId": "r", "attachments": [{"actions": [{"type": "button", "msg": "a"}]}]},
    ):
        assert fault_of(wrong) is not None, wrong
