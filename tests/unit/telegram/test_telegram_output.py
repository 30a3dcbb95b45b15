"""What a bot says, as the calls of the Bot API that it becomes."""

import asyncio
import json
import logging

import pytest

from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.telegram.api import ChatMigrated, MarkupRefused, TelegramApi
from tests.servers.recording_server import recording_server
from tests.unit.telegram.bot import (
    CHAT,
    TOKEN,
    KeyValueStore,
    bot,
    channel,
    ok,
    parts,
    refused,
    say,
)

IMAGE = "https://example.com/i.png"
YES = {"title": "Yes", "payload": "/affirm"}
NO = {"title": "No", "payload": "/deny"}


def sent(method, **parameters):
    return method, {"chat_id": CHAT, **parameters}


def inline(*rows):
    keyboard = [[{"text": title, "callback_data": data} for title, data in row] for row in rows]
    return {"inline_keyboard": keyboard}


GOLDEN = {
    "a text": ({"text": "hi \u00e9"}, [sent("sendMessage", text="hi \u00e9")]),
    "paragraphs": (
        {"text": "one\n\ntwo\nlines\n\n\n"},
        [sent("sendMessage", text="one"), sent("sendMessage", text="two\nlines")],
    ),
    "a blank text": ({"text": " \n\n "}, []),
    "an image": ({"image": IMAGE}, [sent("sendPhoto", photo=IMAGE)]),
    "text and image": (
        {"text": "see", "image": IMAGE},
        [sent("sendMessage", text="see"), sent("sendPhoto", photo=IMAGE)],
    ),
    "buttons side by side": (
        {"text": "Sure?\n\nReally?", "buttons": [YES, NO]},
        [
            sent(
                "sendMessage",
                text="Sure?\n\nReally?",
                reply_markup=inline([("Yes", "/affirm"), ("No", "/deny")]),
            ),
        ],
    ),
    "buttons one a row": (
        {"text": "Sure?", "buttons": [YES, NO], "button_type": "vertical"},
        [
            sent(
                "sendMessage",
                text="Sure?",
                reply_markup=inline([("Yes", "/affirm")], [("No", "/deny")]),
            )
        ],
    ),
    "buttons in place of the keyboard": (
        {"text": "Sure?", "buttons": [[YES, NO], {"title": "Maybe"}], "button_type": "reply"},
        [
            sent(
                "sendMessage",
                text="Sure?",
                reply_markup={
                    "keyboard": [[{"text": "Yes"}, {"text": "No"}], [{"text": "Maybe"}]],
                    "one_time_keyboard": True,
                    "resize_keyboard": False,
                },
            )
        ],
    ),
    "a button that asks for the phone number": (
        {
            "text": "Call you?",
            "buttons": [{"title": "Share", "request_contact": True}],
            "button_type": "reply",
        },
        [
            sent(
                "sendMessage",
                text="Call you?",
                reply_markup={
                    "keyboard": [[{"text": "Share", "request_contact": True}]],
                    "one_time_keyboard": True,
                    "resize_keyboard": False,
                },
            )
        ],
    ),
    "buttons of a type unknown": (
        {"text": "Sure?", "buttons": [YES], "button_type": "round"},
        [sent("sendMessage", text="Sure?", reply_markup=inline([("Yes", "/affirm")]))],
    ),
    "buttons without a text": (
        {"buttons": [YES]},
        [sent("sendMessage", text="\u2026", reply_markup=inline([("Yes", "/affirm")]))],
    ),
    "buttons that lack a part": (
        {"text": "Sure?", "buttons": [{"title": "Yes"}, {"payload": "/deny"}, "Maybe"]},
        [
            sent(
                "sendMessage",
                text="Sure?",
                reply_markup=inline([("Yes", "Yes"), ("/deny", "/deny"), ("Maybe", "Maybe")]),
            )
        ],
    ),
    "a link button": (
        {"text": "See", "buttons": [{"title": "Site", "url": "https://example.com"}]},
        [
            sent(
                "sendMessage",
                text="See",
                reply_markup={
                    "inline_keyboard": [[{"text": "Site", "url": "https://example.com"}]]
                },
            )
        ],
    ),
    "quick replies of a type": (
        {"text": "Sure?", "quick_replies": [YES, NO], "button_type": "vertical"},
        [
            sent(
                "sendMessage",
                text="Sure?",
                reply_markup=inline([("Yes", "/affirm")], [("No", "/deny")]),
            )
        ],
    ),
    "a card with an image": (
        {"elements": [{"title": "T", "subtitle": "S", "image_url": IMAGE, "buttons": [YES]}]},
        [
            sent(
                "sendPhoto",
                photo=IMAGE,
                caption="T : S",
                reply_markup=inline([("Yes", "/affirm")]),
            )
        ],
    ),
    "cards without images": (
        {"elements": [{"title": "T", "subtitle": "S", "buttons": [YES]}, {"title": "U"}, {}]},
        [
            sent("sendMessage", text="T : S", reply_markup=inline([("Yes", "/affirm")])),
            sent("sendMessage", text="U"),
        ],
    ),
    "a file": (
        {"attachment": "https://example.com/a.pdf"},
        [sent("sendDocument", document="https://example.com/a.pdf")],
    ),
    "a video as Rasa writes it": (
        {"attachment": {"type": "video", "payload": {"src": "https://example.com/a.mp4"}}},
        [sent("sendVideo", video="https://example.com/a.mp4")],
    ),
    "an attachment that is no URL": (
        {"attachment": "a.pdf"},
        [sent("sendMessage", text="Attachment: a.pdf")],
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_what_a_bot_says(name):
    response, calls = GOLDEN[name]
    assert say(response) == calls


CUSTOM = {
    "sendMessage": {"text": "hi", "disable_notification": True},
    "sendPhoto": {"photo": IMAGE, "caption": "c"},
    "sendAudio": {"audio": IMAGE, "title": "t"},
    "sendDocument": {"document": IMAGE},
    "sendSticker": {"sticker": "file-id"},
    "sendVideo": {"video": IMAGE},
    "sendVideoNote": {"video_note": "file-id"},
    "sendAnimation": {"animation": IMAGE},
    "sendVoice": {"voice": IMAGE},
    "sendMediaGroup": {"media": [{"type": "photo", "media": IMAGE}] * 2},
    "sendVenue": {"latitude": 1.5, "longitude": 0, "title": "t", "address": "a"},
    "sendLocation": {"latitude": 1.5, "longitude": 0, "live_period": 60},
    "sendContact": {"phone_number": "1", "first_name": "Ann", "last_name": "B"},
    "sendGame": {"game_short_name": "tetris"},
    "sendChatAction": {"action": "upload_photo"},
    "sendInvoice": {
        "title": "t",
        "description": "d",
        "payload": "p",
        "provider_token": "",
        "currency": "XTR",
        "prices": [{"label": "l", "amount": 1}],
    },
    "sendPoll": {"question": "?", "options": [{"text": "a"}, {"text": "b"}]},
}


@pytest.mark.parametrize("method", CUSTOM)
def test_custom_json_chooses_its_method_by_its_keys(method):
    assert say({"custom": CUSTOM[method]}) == [sent(method, **CUSTOM[method])]


@pytest.mark.parametrize(
    ("custom", "calls"),
    [
        (
            {"text": "hi", "photo": IMAGE, "disable_notification": True},
            [
                sent("sendMessage", text="hi", disable_notification=True),
                sent("sendPhoto", photo=IMAGE, disable_notification=True),
            ],
        ),
        ({"chat_id": 7, "text": "hi"}, [("sendMessage", {"chat_id": 7, "text": "hi"})]),
        ({"a": "\u00e9"}, [sent("sendMessage", text='{"a": "\\u00e9"}')]),
        ({"text": None, "a": 1}, [sent("sendMessage", text='{"text": null, "a": 1}')]),
        ([1, 2], [sent("sendMessage", text="[1, 2]")]),
        ("text", [sent("sendMessage", text='"text"')]),
    ],
)
def test_other_custom_json(custom, calls):
    assert say({"custom": custom}) == calls


@pytest.mark.parametrize(
    ("files", "sizes"), [(2, [2]), (10, [10]), (11, [10, 1]), (12, [10, 2]), (25, [10, 10, 5])]
)
def test_albums_take_ten_files(files, sizes):
    media = [{"type": "photo", "media": f"{IMAGE}?{n}", "caption": "c"} for n in range(files)]
    calls = say({"custom": {"media": media, "protect_content": True}})
    found = []
    for method, parameters in calls:
        assert parameters["protect_content"] is True
        if method == "sendMediaGroup":
            found.append(parameters["media"])
        else:
            photo, caption = parameters["photo"], parameters["caption"]
            found.append([{"type": "photo", "media": photo, "caption": caption}])
    assert [len(group) for group in found] == sizes
    assert [each for group in found for each in group] == media


TOPIC = {"chat_id": -100, "message_thread_id": 77}


@pytest.mark.parametrize(
    "response", [{"text": "hi"}, {"image": IMAGE}, {"text": "?", "buttons": [YES]}]
)
def test_a_topic_is_answered_in_the_topic(response):
    [(_, parameters)] = say(response, reply_to=TOPIC)
    assert parameters.items() >= TOPIC.items()


def test_another_chat_of_custom_json_has_no_topic():
    [(_, parameters)] = say({"custom": {"chat_id": 7, "text": "hi"}}, reply_to=TOPIC)
    assert parameters == {"chat_id": 7, "text": "hi"}


@pytest.mark.parametrize(
    ("recipient", "chat"), [("4242", "4242"), ("-100:77:4242", "-100"), ("@news", "@news")]
)
def test_unasked_messages_go_to_the_chat_that_the_recipient_names(recipient, chat):
    with recording_server(lambda request: ok({"message_id": 1})) as server:
        output = channel(api_base=server.url).get_output_channel()
        asyncio.run(output.send_text_message(recipient, "hi"))
    [recorded] = server.requests
    assert recorded.path == f"/bot{TOKEN}/sendMessage"
    assert recorded.json == {"chat_id": chat, "text": "hi"}


def test_typing_is_a_chat_action():
    with bot(reply_to=TOPIC) as (output, api):
        asyncio.run(output.show_typing("x"))
        assert api.calls == [("sendChatAction", {**TOPIC, "action": "typing"})]


def test_parts_are_marked_with_the_messages_id():
    response = {
        "text": "hi",
        "custom": {"action": "typing", "media": CUSTOM["sendMediaGroup"]["media"]},
    }
    calls, marks = parts(response)
    assert [method for method, _ in calls] == ["sendMessage", "sendMediaGroup", "sendChatAction"]
    assert marks == ["21", "21", ""]


LONG = {
    "text": "one\n\n" + "two " * 2000,
    "buttons": [{"title": f"T{n}", "payload": f"/p{n}"} for n in range(230)],
    "image": IMAGE,
    "elements": [{"title": "T", "image_url": IMAGE}, {"title": "U", "buttons": [YES]}],
}


def test_a_broken_turn_goes_on_with_the_same_parts():
    whole, marks = parts(LONG)
    assert len(whole) == len(marks) > 6
    for already_sent in range(len(marks) + 1):
        assert parts(LONG, sent=already_sent)[0] == whole[already_sent:]


FAILURES = [
    ((401, "Unauthorized"), CredentialsError),
    ((404, "Not Found"), CredentialsError),
    ((404, "Not Found: method not found"), SendError),
    ((403, "Forbidden: bot was blocked by the user"), RecipientGone),
    ((403, "Forbidden: bot was kicked from the supergroup chat"), RecipientGone),
    ((403, "Forbidden: user is deactivated"), RecipientGone),
    ((400, "Bad Request: chat not found"), RecipientGone),
    ((400, "Bad Request: message thread not found"), RecipientGone),
    ((400, "Bad Request: message text is empty"), SendError),
    ((400, "Bad Request: not enough rights to send text messages to the chat"), SendError),
    ((413, "Request Entity Too Large"), SendError),
    ((500, "Internal Server Error"), PlatformUnavailable),
    ((502, "Bad Gateway"), PlatformUnavailable),
]


@pytest.mark.parametrize(("failure", "error"), FAILURES)
def test_an_error_says_what_follows(failure, error):
    with bot(refused(*failure)) as (output, api), pytest.raises(error) as raised:
        asyncio.run(output.send_text_message("4242", "hi"))
    assert type(raised.value) is error
    assert TOKEN not in str(raised.value)
    assert len(api.calls) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, b"<html>", {}), PlatformUnavailable),
        ((403, b"<html>", {}), PlatformUnavailable),
        ((302, b"", {"location": "/elsewhere"}), PlatformUnavailable),
        ((200, b"[]", {}), PlatformUnavailable),
        (None, PlatformUnavailable),
        ((400, b'{"ok": false}', {}), PlatformUnavailable),
        ((200, b'{"ok": true}', {}), PlatformUnavailable),
        ((200, b'{"ok": true, "result": true}', {}), PlatformUnavailable),
        (refused(403, "odd"), SendError),
    ],
)
def test_odd_answers(answer, error):
    with bot(answer) as (output, _), pytest.raises(error) as raised:
        asyncio.run(output.send_text_message("4242", "hi"))
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("parameters", "headers", "seconds"),
    [
        ({"retry_after": 35}, {}, 35.0),
        ({"retry_after": 35}, {"retry-after": "3"}, 35.0),
        ({}, {"retry-after": "3"}, 3.0),
        ({"retry_after": None}, {}, 5.0),
        ({}, {}, 5.0),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_telegram_says(parameters, headers, seconds):
    status, body, _ = refused(429, "Too Many Requests", **parameters)
    with bot((status, body, headers)) as (output, _), pytest.raises(RateLimited) as raised:
        asyncio.run(output.send_text_message("4242", "hi"))
    assert raised.value.retry_after == seconds


def test_a_rate_limit_without_json_is_one_too():
    with bot((429, b"<html>", {})) as (output, _), pytest.raises(RateLimited):
        asyncio.run(output.send_text_message("4242", "hi"))


@pytest.mark.parametrize("response", [{"image": IMAGE}, {"text": "?", "buttons": [YES]}])
@pytest.mark.parametrize(
    ("status", "error"), [(403, RecipientGone), (429, RateLimited), (500, PlatformUnavailable)]
)
def test_no_simpler_form_is_tried_where_it_would_not_help(response, status, error):
    with bot(refused(status, "Forbidden: x")) as (output, api), pytest.raises(error):
        asyncio.run(output.send_response("4242", response))
    assert len(api.calls) == 1


MIGRATED = refused(400, "group chat was upgraded", migrate_to_chat_id=-1009876543210)


def test_a_group_that_became_a_supergroup_is_followed():
    calls = say({"text": "one\n\ntwo"}, MIGRATED, reply_to={"chat_id": -555})
    assert [(each["chat_id"], each["text"]) for _, each in calls] == [
        (-555, "one"),
        (-1009876543210, "one"),
        (-1009876543210, "two"),
    ]


def test_a_group_that_became_itself_is_an_error():
    answer = refused(400, "x", migrate_to_chat_id=-555)
    with pytest.raises(ChatMigrated):
        say({"text": "one"}, answer, reply_to={"chat_id": -555})


def test_a_chat_of_custom_json_that_is_gone_does_not_end_the_conversation():
    with pytest.raises(SendError) as raised:
        say({"custom": {"chat_id": 7, "text": "hi"}}, refused(400, "chat not found"))
    assert type(raised.value) is SendError


CANNOT_FETCH = refused(400, "Bad Request: failed to get HTTP URL content")


@pytest.mark.parametrize(
    ("response", "fallback"),
    [
        ({"image": IMAGE}, {"text": f"Image: {IMAGE}"}),
        ({"attachment": IMAGE}, {"text": f"Attachment: {IMAGE}"}),
        (
            {"elements": [{"title": "T", "image_url": IMAGE, "buttons": [YES]}]},
            {"text": f"T\n{IMAGE}", "reply_markup": inline([("Yes", "/affirm")])},
        ),
        (
            {"text": "See", "buttons": [{"title": "Site", "url": "https://localhost"}, YES]},
            {"text": 'See\n1: Site - {"url": "https://localhost"}\n2: Yes (/affirm)'},
        ),
    ],
)
def test_what_telegram_does_not_take_is_sent_in_a_simpler_form(response, fallback):
    _, second = say(response, CANNOT_FETCH)
    assert second == sent("sendMessage", **fallback)
    _, marks = parts(response, CANNOT_FETCH)
    assert marks == ["21"], "one part of the turn"


def test_what_is_refused_in_every_form_is_told():
    with pytest.raises(SendError, match="second"):
        say({"image": IMAGE}, refused(400, "first"), refused(400, "second"))


BROKEN = refused(400, "Bad Request: can't parse entities: unsupported start tag")


@pytest.mark.parametrize(
    ("mode", "text", "as_plain"),
    [
        ("HTML", "<b>a</b> &lt; b", "a < b"),
        ("MarkdownV2", "1. *a*", "1. *a*"),
    ],
)
def test_text_with_broken_markup_is_sent_as_plain_text(mode, text, as_plain):
    first, second = say({"text": text}, BROKEN, parse_mode=mode)
    assert first == sent("sendMessage", text=text, parse_mode=mode)
    assert second == sent("sendMessage", text=as_plain)


def test_a_caption_with_broken_markup_too():
    custom = {"photo": IMAGE, "caption": "<b>a", "parse_mode": "HTML"}
    _, second = say({"custom": custom}, BROKEN)
    assert second == sent("sendPhoto", photo=IMAGE, caption="a")


def test_entities_that_cannot_be_parsed_without_a_mode_are_refused():
    with pytest.raises(MarkupRefused):
        say({"custom": {"text": "a", "entities": [{"type": "odd"}]}}, BROKEN)


def test_markup_and_migration_may_come_together():
    calls = say({"text": "<b>a"}, BROKEN, MIGRATED, parse_mode="HTML", reply_to={"chat_id": -555})
    assert calls[-1] == ("sendMessage", {"chat_id": -1009876543210, "text": "a"})


def test_a_long_payload_is_remembered_before_its_button_is_sent():
    memory = KeyValueStore()
    payload = '/inform{"cuisine": "italian", "people": "6", "location": "center"}'
    assert len(payload) == 66
    fits = "/" + "\u00e9" * 31 + "x"
    buttons = [{"title": "A", "payload": payload}, {"title": "B", "payload": fits}]
    [(_, parameters)] = say({"text": "?", "buttons": buttons}, memory=memory)
    [[first, second]] = parameters["reply_markup"]["inline_keyboard"]
    assert memory == {first["callback_data"]: payload}
    assert second["callback_data"] == fits
    assert min(memory.lifetimes) > 30 * 24 * 3600


def test_a_memory_that_is_down_holds_the_message_back():
    class Down(KeyValueStore):
        def put(self, key, value, seconds):
            raise PlatformUnavailable("the state table")

    buttons = [{"title": "A", "payload": "/p" * 40}]
    with bot(memory=Down()) as (output, api), pytest.raises(PlatformUnavailable):
        asyncio.run(output.send_text_with_buttons("4242", "?", buttons))
    assert api.calls == []


def test_the_token_stands_in_no_log_line(caplog):
    with caplog.at_level(logging.DEBUG):
        say({"image": IMAGE}, CANNOT_FETCH)
    assert TOKEN not in caplog.text
    assert "simpler form" in caplog.text


def test_the_token_stands_in_no_error_of_a_platform_that_is_not_there():
    api = TelegramApi(TOKEN, "http://127.0.0.1:9/")
    with pytest.raises(PlatformUnavailable) as raised:
        api.call("sendMessage", {"chat_id": 1, "text": json.dumps({})})
    assert TOKEN not in str(raised.value)
    api.close()
