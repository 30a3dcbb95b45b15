"""What users do on Rocket.Chat, as the messages that it becomes."""

import pytest

from tests.unit.rocketchat.server import body, channel, posted, request, said, visited

ROOM = "GENERAL"
PDF = {
    "id": "fPdf000000000001",
    "name": "invoice.pdf",
    "mimetype": "application/pdf",
    "size": 48213,
    "url": "https://chat.example.org/file-upload/fPdf000000000001/invoice.pdf",
}
TRIGGERED = {"trigger_word": "!bot"}

WHAT_USERS_DO = {
    "writes in a channel": ("text", ["hi"]),
    "writes umlauts and emoji": ("base64", ["h\u00e9llo \U0001f44b"]),
    "calls the bot by its trigger word": ("trigger_word", ["hi"]),
    "calls the bot and says nothing": ("trigger_word_only", ["!bot"]),
    "writes to the bot alone": ("direct_message", ["hi"]),
    "replies in a thread": ("thread_reply", ["hi"]),
    "clicks a button": ("button_click", ["/affirm"]),
    "edits a message": ("edited_text", []),
    "uploads a file": ("file_upload", [PDF["url"]]),
    "uploads a file with a caption": ("file_with_caption", ["my invoice"]),
    "uploads a file, of which the message event says no word": ("empty_text", []),
    "is the bot": ("own_message", []),
    "is an integration": ("integration_message", []),
    "is the server's own bot": ("rocket_cat", []),
    "is the server's own bot in livechat": ("livechat_rocket_cat", []),
    "joins a room": ("room_joined", []),
    "signs up": ("user_created", []),
    "writes in livechat": ("livechat_text", ["hello"]),
    "writes twice before livechat tells": ("livechat_several", ["hello", "my order is late"]),
    "answers as an agent": ("livechat_agent", []),
    "sends a file in livechat": (
        "livechat_file",
        ["https://chat.example.org/file-upload/fPdf000000000001/invoice.pdf?token=made-up"],
    ),
    "edits a message in livechat": ("livechat_edited", []),
    "goes to another page": ("livechat_navigation", []),
    "begins a chat": ("livechat_started", []),
    "takes a chat as an agent": ("livechat_taken", []),
    "closes a chat, which is told with all that was said": ("livechat_closed", []),
    "leaves a message while nobody is there": ("livechat_offline_message", []),
    "presses 'Send test'": ("livechat_test", []),
}


@pytest.mark.parametrize("what", WHAT_USERS_DO)
def test_a_user(what):
    name, texts = WHAT_USERS_DO[what]
    instance = channel()
    instance.verify(request(name))
    assert [message.text for message in instance.parse(request(name))] == texts


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({**TRIGGERED, "text": "!bot hi"}, "hi"),
        ({**TRIGGERED, "text": "!bot, hi"}, "hi"),
        ({**TRIGGERED, "text": "!bot:\nhi there"}, "hi there"),
        ({**TRIGGERED, "text": "!bot"}, "!bot"),
        ({**TRIGGERED, "text": "!bot  "}, "!bot"),
        ({**TRIGGERED, "text": "!bother me"}, "!bother me"),
        ({**TRIGGERED, "text": "tell me, !bot"}, "tell me, !bot"),
        ({**TRIGGERED, "text": "!bot /affirm"}, "/affirm"),
        ({"text": "!bot hi"}, "!bot hi"),
        ({"text": "  hi  "}, "hi"),
        ({"text": "\u200b/affirm"}, "/affirm"),
        ({"text": "/affirm"}, "/affirm"),
    ],
)
def test_texts_without_what_only_calls_the_bot(changes, text):
    [message] = channel().parse(said(**changes))
    assert message.text == text


def test_the_trigger_word_stays_where_it_is_wanted_as_in_rasa():
    [message] = channel(keep_trigger_word=True).parse(request("trigger_word"))
    assert message.text == "!bot hi"
    assert "trigger_word" not in message.reply_to, "buttons would say it twice"


@pytest.mark.parametrize(
    ("changes", "is_heard"),
    [
        ({}, True),
        ({"bot": True}, False),
        ({"bot": {"i": "integration"}}, False),
        ({"user_name": "rasa"}, False),
        ({"user_name": "Rasa"}, False),
        ({"user_name": "rasa2"}, True),
        ({"user_id": "uBot00000000000001"}, False),
        ({"user_id": None, "user_name": None}, True),
        ({"text": " "}, False),
        ({"text": None}, False),
        ({"text": ["hi"]}, False),
        ({"channel_id": None}, False),
        ({"isEdited": True}, False),
        ({"isEdited": False}, True),
    ],
)
def test_who_is_heard(changes, is_heard):
    instance = channel(user_id="uBot00000000000001", auth_token="made-up")
    assert bool(instance.parse(said(**changes))) is is_heard


@pytest.mark.parametrize("name", ["rocket_cat", "livechat_rocket_cat", "integration_message"])
def test_which_bots_are_ignored_is_logged_by_their_ids(name, caplog):
    caplog.set_level("INFO", "channels")
    channel().parse(request(name))
    [record] = caplog.records
    assert "ignored" in record.message
    assert ("rLive" if "livechat" in name else ROOM) in record.message
    assert "Welcome" not in record.message


@pytest.mark.parametrize(
    ("name", "level", "told"),
    [
        ("livechat_offline_message", "INFO", "LivechatOfflineMessage"),
        ("livechat_agent", "DEBUG", "message/agentId"),
        ("livechat_navigation", "DEBUG", "message/navigation"),
        ("livechat_taken", "DEBUG", "LivechatSessionTaken"),
        ("empty_text", "INFO", "a message without text"),
    ],
)
def test_what_says_nothing_is_logged(name, level, told, caplog):
    caplog.set_level("DEBUG", "channels")
    assert channel().parse(request(name)) == []
    assert [(each.levelname, told in each.message) for each in caplog.records] == [(level, True)]
    assert "call me" not in caplog.text


def test_a_visitor_is_not_taken_for_the_bot_and_the_bots_messages_are():
    message = {"_id": "m1", "username": "rasa", "msg": "Hey!", "ts": "2026-11-21T07:31:01.000Z"}
    assert channel().parse(visited(message)) == []
    [heard] = channel(user="other").parse(visited(message))
    assert heard.text == "Hey!"


def ids(*requests, **settings):
    messages = [each for given in requests for each in channel(**settings).parse(given)]
    return [message.message_id for message in messages]


def test_what_is_sent_again_has_the_same_id():
    assert ids(request("text"), said(timestamp="later")) == ["Wq3b6yJ1kDfT0000A"] * 2
    first, again = ids(request("livechat_several")), ids(request("livechat_several"))
    assert first == again == ["mLive0000000000001", "mLive0000000000003"]


def test_two_integrations_that_tell_of_one_message_tell_of_one_message():
    [told] = ids(request("file_with_caption"))
    assert told == ids(said(text="my invoice"))[0]


def test_an_edit_is_a_message_of_its_own_where_edits_are_wanted():
    edited = said(isEdited=True, text="hi!")
    first, same, other = ids(edited, edited, said(isEdited=True, text="hi?"), edits=True)
    assert first == same != other
    assert first.startswith("Wq3b6yJ1kDfT0000A:edited:")
    [message] = channel(edits=True).parse(edited)
    assert message.metadata["edited"] is True


def test_an_edit_in_livechat_too():
    [message] = channel(edits=True).parse(request("livechat_edited"))
    assert message.message_id == "mLive0000000000001:edited:2026-11-21T07:32:00.000Z"


def test_old_servers_give_messages_of_livechat_no_id():
    one = {"username": "guest-1", "msg": "a", "ts": "2026-11-21T07:31:01.000Z"}
    two = {**one, "msg": "b"}
    first, second = ids(visited(one, two))
    assert first != second
    assert [first, second] == ids(visited(one, two))


def test_without_any_id_a_message_is_still_heard():
    first, second = ids(said(message_id=None), said(message_id=None))
    assert first != second
    assert len(ids(visited({"msg": "a"}))) == 1


def test_what_the_agent_is_told_of_a_message():
    [message] = channel().parse(request("thread_reply"))
    told = body("thread_reply")
    keys = ("channel_id", "channel_name", "message_id", "timestamp", "user_id", "user_name")
    assert message.metadata == {key: told[key] for key in (*keys, "tmid", "siteUrl")}
    assert (message.input_channel, message.sender_id) == ("rocketchat", ROOM)
    assert channel().get_metadata(request("text")) == channel().parse(said())[0].metadata
    assert channel().get_metadata(request("own_message")) is None


def test_what_the_agent_is_told_of_a_visitor():
    [message] = channel().parse(request("livechat_text"))
    visitor = message.metadata["visitor"]
    assert (visitor["name"], visitor["email"]) == ("Ben", [{"address": "ben@example.org"}])
    assert message.metadata["agent"]["username"] == "rasa"
    assert message.metadata["message_id"] == "mLive0000000000001"
    assert message.metadata["tags"] == ["sales"]


def test_the_visitors_key_and_address_stay_here():
    """`token` opens the visitor's chat to whoever has it."""
    told = str(channel().parse(request("livechat_several"))[0].metadata)
    assert "tok-visitor-made-up" not in told
    assert "203.0.113.20" not in told
    assert "rc-" not in told


@pytest.mark.parametrize("name", ["file_upload", "file_with_caption"])
def test_files(name):
    [message] = channel().parse(request(name))
    assert message.metadata["attachments"] == [PDF]


def test_several_files_of_one_message():
    photo = {"_id": "fPng000000000002", "name": "a.png", "type": "image/png", "size": 512}
    pdf = {"_id": PDF["id"], "name": PDF["name"], "type": PDF["mimetype"], "size": PDF["size"]}
    link = "/file-upload/fPng000000000002/a.png"
    upload = {
        "file": pdf,
        "files": [pdf, photo],
        "attachments": [
            {"title": "a.png", "image_url": link, "description": "the damage"},
            {"title": "invoice.pdf", "title_link": PDF["url"]},
        ],
    }
    [message] = channel().parse(said(text="", message=upload))
    assert message.text == "the damage"
    assert [each["url"] for each in message.metadata["attachments"]] == [
        PDF["url"],
        f"https://chat.example.org{link}",
    ]


def test_a_file_of_which_nothing_is_told_says_its_name():
    upload = {"file": {"_id": "f1", "name": "a.png", "size": "512"}}
    [message] = channel().parse(said(text="", message=upload))
    assert message.text == "a.png"
    attachment = {"id": "f1", "name": "a.png", "mimetype": "", "size": None, "url": ""}
    assert message.metadata["attachments"] == [attachment]


@pytest.mark.parametrize("livechat_type", ["Message", None])
def test_livechat_of_servers_that_name_no_type(livechat_type):
    document = {**body("livechat_text"), "type": livechat_type}
    given = {key: value for key, value in document.items() if value is not None}
    assert len(channel().parse(posted(given))) == 1


@pytest.mark.parametrize("odd", [None, 1, "x", [], {}, [None], [[]], {"visitor": {}}])
def test_a_document_that_is_none_of_both_says_nothing(odd):
    assert channel().parse(posted(odd)) == []
    assert channel().parse(said(message=odd, trigger_word=odd, tmid=odd))[0].text == "hi"
    assert channel().parse(visited(odd)) == []
