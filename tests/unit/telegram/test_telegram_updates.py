"""What users do on Telegram, and the messages it becomes."""

import pytest
import telegram
from hypothesis import example, given
from hypothesis import strategies as st

from channels.telegram.updates import read_update
from ops import ROOT
from tests.unit.telegram.bot import channel, message, request

PAYLOAD = "payload:48e0e6f3d0a5e2e8a6fa5d0f1d7fbf0c9f1b2a3c"

TEXTS = {
    "text": "hello",
    "base64": "h\u00e9llo \U0001f44b",
    "command_in_topic": "/ask what is up",
    "command_with_deep_link": "/start ref123",
    "button_press": "/affirm",
    "button_press_on_old_message": "/deny",
    "button_press_in_inline_mode": "/deny",
    "long_payload_button_press": PAYLOAD,
    "photo_with_caption": "my receipt",
    "album_second_photo": "",
    "voice": "",
    "audio": "listen",
    "video": "",
    "video_note": "",
    "animation": "",
    "document": "the invoice",
    "sticker": "\U0001f44b",
    "location": '{"lng":13.405, "lat":52.52}',
    "venue": '{"lng":13.405, "lat":52.52}',
    "contact": '{"phone_number": "+491700000000", "first_name": "Ann", "user_id": 4242}',
    "edited_text": "hello!",
    "edited_caption": "my receipt, again",
    "group_text": "hello all",
    "group_mention": "what is up?",
    "group_reply_to_the_bot": "yes",
    "general_topic": "hi",
    "anonymous_administrator": "as the group",
    "written_as_channel": "as the channel",
    "mention_only": "@rasa_bot",
    "rich_message": "Order\n\nPlease cancel order 17\n\n1. two chairs\n2. one table",
    "rich_message_in_group": "what is open?",
    "edited_rich_message": "Please cancel order 18",
}
IGNORED = [
    "another_bot",
    "bot_blocked",
    "business_message",
    "channel_post",
    "channel_post_in_group",
    "command_of_another_bot",
    "edited_channel_post",
    "game_button_press",
    "generation_stopped",
    "group_migrated",
    "inline_query",
    "live_location_moves",
    "message_reaction",
    "new_member",
    "poll",
    "poll_answer",
    "pre_checkout_query",
    "unknown_kind",
]
OTHERS = {"health", "malformed", "no_secret", "wrong_secret", "restart"}


def files():
    return {path.stem for path in (ROOT / "events" / "telegram").glob("*.json")}


def test_every_example_has_its_row():
    assert files() == {*TEXTS, *IGNORED, *OTHERS}


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_user_says(name):
    [received] = channel().parse(request(name))
    assert received.text == TEXTS[name]
    assert received.input_channel == "telegram"


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_no_message_to_the_bot(name):
    assert channel().parse(request(name)) == []


@pytest.mark.parametrize(
    ("name", "id_"), [("another_bot", "99"), ("channel_post_in_group", "777000")]
)
def test_who_is_ignored_is_logged_by_its_ids(name, id_, caplog):
    caplog.set_level("INFO", "channels")
    assert channel().parse(request(name)) == []
    [record] = caplog.records
    assert "ignored" in record.message
    assert id_ in record.message
    assert "nine" not in record.message


UNREAD = {
    "a dice": (lambda: message(dice={"emoji": "x", "value": 4}), "INFO", "a message without text"),
    "a new member": (lambda: request("new_member"), "DEBUG", "message/new_chat_members"),
    "a command to another bot": (
        lambda: request("command_of_another_bot"),
        "DEBUG",
        "a command to another bot",
    ),
    "a game's button": (lambda: request("game_button_press"), "INFO", "callback_query_id"),
    "a kind to come": (lambda: request("unknown_kind"), "INFO", "something_to_come"),
}


@pytest.mark.parametrize(("sent", "level", "told"), UNREAD.values(), ids=UNREAD)
def test_what_says_nothing_is_logged_by_its_ids(sent, level, told, caplog):
    caplog.set_level("DEBUG", "channels")
    assert channel().parse(sent()) == []
    [record] = caplog.records
    assert record.levelname == level
    assert told in record.message
    assert "update_id='" in record.message


@pytest.mark.parametrize("sender", [1087968824, 136817688])
def test_behind_telegrams_own_bots_are_people(sender):
    """Anonymous administrators, and who writes as a channel, with or without `sender_chat`."""
    user = {"id": sender, "is_bot": True, "first_name": "Group"}
    [received] = channel().parse(message(text="hi", **{"from": user}))
    assert received.text == "hi"


def test_a_comment_on_a_channels_post_is_a_persons():
    post = {"message_id": 60, "from": {"id": 777000, "is_bot": False}, "is_automatic_forward": True}
    [received] = channel().parse(message(text="hi", reply_to_message=post))
    assert received.text == "hi"


@pytest.mark.parametrize("name", ["edited_text", "edited_caption", "edited_rich_message"])
def test_edits_may_be_left_out(name):
    assert channel(edited_messages=False).parse(request(name)) == []


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/help@rasa_bot", "/help"),
        ("/help@RASA_BOT now", "/help now"),
        ("/help@other_bot", None),
        ("/help@rasa_bot_2", None),
        ('/inform{"a": "x@y"}', '/inform{"a": "x@y"}'),
        ("/bot hello /bothi", "hello /bothi"),
        ("/bot", "/bot"),
        ("/bot@rasa_bot ", "/bot"),
        ("/bot@rasa_bot hello", "hello"),
        ("/bothi", "/bothi"),
        ("@rasa_bot hello", "hello"),
        ("@Rasa_Bot, hello", "hello"),
        ("@rasa_bot", "@rasa_bot"),
        ("@Rasa_Bot, ", "@Rasa_Bot,"),
        ("@rasa_bots hello", "@rasa_bots hello"),
        ("hello @rasa_bot", "hello @rasa_bot"),
        ("mail a@rasa_bot", "mail a@rasa_bot"),
        ("a\n/help@other_bot", "a\n/help@other_bot"),
    ],
)
def test_the_bots_address_is_taken_off(text, heard):
    received = channel().parse(message(text=text))
    assert [each.text for each in received] == ([] if heard is None else [heard])


def test_without_a_username_every_command_is_the_bots():
    assert channel(verify=None).parse(message(text="/help@other_bot"))[0].text == "/help"


@pytest.mark.parametrize(
    ("name", "attachment"),
    [
        (
            "photo_with_caption",
            {
                "type": "photo",
                "file_id": "big",
                "file_unique_id": "u2",
                "width": 1280,
                "height": 853,
                "file_size": 99000,
            },
        ),
        (
            "voice",
            {
                "type": "voice",
                "file_id": "v1",
                "file_unique_id": "uv1",
                "duration": 3,
                "mime_type": "audio/ogg",
            },
        ),
        (
            "document",
            {
                "type": "document",
                "file_id": "file-37",
                "file_unique_id": "u37",
                "file_name": "invoice.pdf",
                "mime_type": "application/pdf",
                "file_size": 120000,
            },
        ),
    ],
)
def test_a_file_is_described_in_the_metadata(name, attachment):
    [received] = channel().parse(request(name))
    assert received.metadata["attachments"] == [attachment]


@pytest.mark.parametrize("name", ["audio", "video", "video_note", "animation", "sticker"])
def test_each_kind_of_file_is_named(name):
    [received] = channel().parse(request(name))
    [attachment] = received.metadata["attachments"]
    assert attachment["type"] == name
    assert attachment["file_id"]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("text", {"message_id": 11, "date": 1767225600}),
        ("album_second_photo", {"media_group_id": "1300"}),
        ("edited_text", {"edit_date": 1767225650}),
        ("group_reply_to_the_bot", {"reply_to_message_id": 13}),
        ("command_in_topic", {"message_thread_id": 77}),
        ("button_press", {"callback_query_id": "4382bfdwdsb323b2d9", "message_id": 13}),
        ("long_payload_button_press", {"button": "Italian, 6 people"}),
        (
            "contact",
            {"contact": {"phone_number": "+491700000000", "first_name": "Ann", "user_id": 4242}},
        ),
    ],
)
def test_metadata_is_as_telegram_names_it(name, known):
    [received] = channel().parse(request(name))
    assert received.metadata.items() >= known.items()
    assert received.metadata["from"]["id"] == 4242


#: What this version of the library does not know: it stands at Bot API 10.0.
NEWER = {"media_type", "rich_message"}


@pytest.mark.parametrize("name", sorted(files() - {"health", "malformed", "unknown_kind"}))
def test_examples_are_updates_to_telegrams_library(name):
    document = request(name).json
    parsed = telegram.Update.de_json(document, None)
    [kind] = document.keys() - {"update_id"}
    if kind in telegram.Update.ALL_TYPES:
        assert getattr(parsed, kind) is not None
        assert not getattr(parsed, kind).api_kwargs.keys() - NEWER


@pytest.mark.parametrize("name", TEXTS)
def test_telegrams_library_reads_the_same_from_it(name):
    parsed = telegram.Update.de_json(request(name).json, None)
    [received] = channel(conversation_granularity="sender").parse(request(name))
    assert received.message_id == str(parsed.update_id)
    chat = parsed.effective_chat or parsed.effective_user
    assert received.reply_to["chat_id"] == chat.id
    assert received.sender_id.split(":")[0] == str(chat.id)
    if parsed.callback_query:
        assert received.text == parsed.callback_query.data
        assert received.metadata["from"]["id"] == parsed.effective_user.id
        return
    attachment = parsed.effective_message.effective_attachment
    kinds = (telegram.Contact, telegram.Location, telegram.Venue, type(None))
    if not isinstance(attachment, kinds):
        file = attachment[-1] if isinstance(attachment, tuple) else attachment
        assert received.metadata["attachments"][0]["file_id"] == file.file_id


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "from", "chat", "text", "message", "data", "photo", "is_bot", "location",
                 "caption", "contact", "sender_chat", "message_thread_id", "reply_markup",
                 "inline_keyboard", "document", "reply_to_message"]
            ),
            children,
            max_size=6,
        )
    ),
    max_leaves=20,
)  # fmt: skip
KINDS = st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member"])


@given(kind=KINDS, value=VALUES, update_id=st.integers() | VALUES)
@example(kind="message", value={"chat": {"id": 1}, "text": "a", "from": []}, update_id=1)
def test_no_shape_of_an_update_is_an_error(kind, value, update_id):
    found = read_update({"update_id": update_id, kind: value}, "rasa_bot")
    assert found is None or (isinstance(found.text, str) and isinstance(found.chat_id, int))
