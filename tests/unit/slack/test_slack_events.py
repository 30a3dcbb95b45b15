"""Messages of the Events API: what a user does in Slack, and what the agent is told."""

import copy

import pytest

from channels.errors import PayloadError
from tests.unit.slack.workspace import channel, example, posted, signed


def event(**changes):
    """A direct message, with changes to its `event`; None takes a key away."""
    body = copy.deepcopy(example("message_im").json)
    body["event"] |= changes
    body["event"] = {key: value for key, value in body["event"].items() if value is not None}
    return body


IN_CHANNEL = {"channel": "C0GENERAL", "channel_type": "channel"}
EDITED = example("message_changed").json

# what a user does: settings of the channel, the request's JSON, the text for the agent (None: not
# for the bot)
DOES = {
    "writes to the bot": ({}, event(text="hi"), "hi"),
    "writes with markup": ({}, event(), "a <b> & x.io"),
    "mentions the bot in a channel": ({}, example("app_mention").json, "hi"),
    "mentions it where no app_mention is known": ({}, example("app_mention_twin").json, None),
    "writes in another channel": ({}, event(**IN_CHANNEL), None),
    "writes in the bot's own channel": (
        {"slack_channel": "C0GENERAL"},
        event(**IN_CHANNEL, text="hi"),
        "hi",
    ),
    "writes in a group": ({}, event(channel="G0", channel_type="mpim"), None),
    "replies in a thread to the bot": ({}, event(thread_ts="1767225590.000001", text="and"), "and"),
    "replies in a channel's thread": ({}, example("thread_reply").json, None),
    "replies in a thread of the bot's own channel": (
        {"slack_channel": "C0GENERAL"},
        example("thread_reply").json,
        "more",
    ),
    "shares a file": (
        {},
        example("file_share").json,
        "https://files.slack.com/files-pri/T0/F0001/a.png",
    ),
    "shares a file with a text": (
        {},
        event(subtype="file_share", text="look", files=[{"id": "F1", "url_private": "https://f"}]),
        "look",
    ),
    "also sends a thread's reply to the channel": (
        {"slack_channel": "C0GENERAL"},
        event(**IN_CHANNEL, subtype="thread_broadcast", text="to all"),
        "to all",
    ),
    "writes /me": ({}, event(subtype="me_message", text="waves"), "waves"),
    "edits a message": ({}, EDITED, None),
    "edits a message, and edits count": ({"edits": True}, EDITED, "edited"),
    "posts a link that unfolds": (
        {"edits": True},
        event(
            subtype="message_changed",
            message={"user": "U0ALICE00", "text": "a", "ts": "1.2"},
            previous_message={"text": "a"},
        ),
        None,
    ),
    "deletes a message": ({"edits": True}, event(subtype="message_deleted", hidden=True), None),
    "joins": ({"slack_channel": "D0AAAAAAA"}, event(subtype="channel_join"), None),
    "sets a topic": ({"slack_channel": "D0AAAAAAA"}, event(subtype="channel_topic"), None),
    "sends nothing but white space": ({}, event(text="  "), None),
    "mentions the bot and says nothing": ({}, example("app_mention_only").json, "<@U0BOT0000>"),
    "mentions it by its name and says nothing": ({}, event(text=" <@U0BOT0000|rasa> "), "@rasa"),
    "mentions it and shares a file": (
        {},
        event(subtype="file_share", text="<@U0BOT0000>", files=[{"url_private": "https://f"}]),
        "https://f",
    ),
    "hears the bot": ({}, example("own_message").json, None),
    "hears the bot, known by its user id": ({}, event(user="U0BOT0000"), None),
    "hears the bot, known by its app": ({}, event(app_id="A0RASA0001"), None),
    "hears another bot": ({}, event(bot_id="B0OTHER00"), None),
    "hears an app's post in a person's name": ({}, event(app_id="A0OTHER00"), None),
    "hears an app known by its profile": ({}, event(bot_profile={"id": "B0OTHER00"}), None),
    "hears Slackbot": ({}, example("slackbot").json, None),
    "hears a reminder of Slackbot's that mentions the bot": (
        {},
        event(type="app_mention", channel="C0GENERAL", user="USLACKBOT"),
        None,
    ),
    "hears Slack itself": ({}, event(user="USLACK"), None),
    "hears Slackbot edit itself": (
        {"edits": True},
        event(
            subtype="message_changed",
            message={"user": "USLACKBOT", "text": "b", "ts": "1.2", "edited": {"ts": "2"}},
        ),
        None,
    ),
    "hears an old integration": ({}, event(subtype="bot_message", user=None), None),
    "hears a hidden message": ({}, event(hidden=True), None),
    "hears the bot edit itself": (
        {"edits": True},
        event(
            subtype="message_changed",
            message={
                "user": "U0B",
                "bot_id": "B0",
                "text": "b",
                "ts": "1.2",
                "edited": {"ts": "2"},
            },
        ),
        None,
    ),
    "opens the assistant": ({}, example("assistant_thread_started").json, None),
    "stops the assistant": ({}, example("agent_session_stopped").json, None),
    "adds a reaction": ({}, event(type="reaction_added"), None),
    "has too many events": ({}, example("app_rate_limited").json, None),
    "does something new": ({}, {"type": "something_new"}, None),
}


@pytest.mark.parametrize(("settings", "body", "text"), DOES.values(), ids=DOES)
def test_what_a_user_does(settings, body, text):
    messages = channel(**settings).parse(posted(body))
    assert [message.text for message in messages] == ([] if text is None else [text])


IGNORED = {
    "Slackbot": (example("slackbot").json, "INFO", "USLACKBOT"),
    "another bot": (event(bot_id="B0OTHER00"), "INFO", "B0OTHER00"),
    "the bot itself": (example("own_message").json, "DEBUG", "U0BOT0000"),
    "nothing": (event(text=""), "INFO", "1767225599.000100"),
    "an app": (event(app_id="A0OTHER00"), "INFO", "A0OTHER00"),
    "an old integration": (
        event(subtype="bot_message", user=None, bot_id="B0OTHER00"),
        "INFO",
        "B0OTHER00",
    ),
    "a message that an administrator withholds": (
        event(subtype="ekm_access_denied"),
        "INFO",
        "message/ekm_access_denied",
    ),
    "a mention in a document": (event(subtype="document_mention"), "INFO", "1767225599.000100"),
    "an old reply to all": (event(subtype="reply_broadcast"), "INFO", "1767225599.000100"),
    "a new event": (event(type="something_new"), "INFO", "something_new"),
    "joining": (event(subtype="channel_join"), "DEBUG", "message/channel_join"),
    "a deletion": (event(subtype="message_deleted"), "DEBUG", "message/message_deleted"),
    "a reaction": (event(type="reaction_added"), "DEBUG", "reaction_added"),
    "people among each other": (event(**IN_CHANNEL), "DEBUG", "C0GENERAL"),
}


@pytest.mark.parametrize(("body", "level", "id_"), IGNORED.values(), ids=IGNORED)
def test_what_is_ignored_is_logged_by_its_ids(body, level, id_, caplog):
    caplog.set_level("DEBUG", "channels")
    assert channel().parse(posted(body)) == []
    [record] = caplog.records
    assert record.levelname == level
    assert "ignored" in record.message
    assert id_ in record.message
    assert "general" not in record.message, "no word of the text"


def test_what_others_say_to_each_other_is_not_logged_as_a_bots(caplog):
    caplog.set_level("INFO", "channels")
    channel().parse(posted(event(**IN_CHANNEL, bot_id="B0OTHER00")))
    assert caplog.records == []


def only(request, **settings):
    [message] = channel(**settings).parse(request)
    return message


def test_metadata_is_rasas():
    message = only(example("message_im"))
    assert message.metadata == {
        "out_channel": "D0AAAAAAA",
        "thread_id": "1767225599.000100",
        "users": ["U0BOT0000"],
    }
    assert message.input_channel == "slack"


def test_metadata_of_a_thread_and_of_older_apps():
    body = event(thread_ts="1767225590.000001") | {"authed_users": ["U0OLD0000"]}
    metadata = only(posted(body)).metadata
    assert (metadata["thread_id"], metadata["users"]) == ("1767225590.000001", ["U0OLD0000"])


def test_files_are_in_the_metadata():
    assert only(example("file_share")).metadata["attachments"] == [
        {
            "id": "F0001",
            "name": "a.png",
            "mimetype": "image/png",
            "size": 1234,
            "url": "https://files.slack.com/files-pri/T0/F0001/a.png",
        }
    ]


def test_twins_are_one_message():
    settings = {"slack_channel": "C0GENERAL"}
    mention = only(example("app_mention"), **settings)
    twin = only(example("app_mention_twin"), **settings)
    assert mention.message_id == twin.message_id == "T0AWSDEMO:C0GENERAL:1767225600.000200"
    assert mention.sender_id == twin.sender_id
    assert example("app_mention").json["event_id"] != example("app_mention_twin").json["event_id"]


def test_the_twin_that_is_not_for_the_bot_does_not_use_up_the_mention():
    made = channel()
    assert made.parse(example("app_mention_twin")) == []
    assert len(made.parse(example("app_mention"))) == 1


def test_an_event_that_is_sent_again_is_the_same_message_whatever_its_headers_say():
    first, again = only(example("message_im")), only(example("retry"))
    assert "x-slack-retry-num" in example("retry").headers
    assert first.message_id == again.message_id


def test_twins_of_an_organisations_app_are_one_message():
    settings = {"slack_channel": "C0GENERAL"}
    ids = [
        only(posted(example(name).json | {"team_id": None, "enterprise_id": "E0"}), **settings)
        for name in ("app_mention", "app_mention_twin")
    ]
    assert [each.message_id for each in ids] == ["E0:C0GENERAL:1767225600.000200"] * 2


def test_each_edit_is_a_message_of_its_own():
    first = only(posted(EDITED), edits=True)
    later = copy.deepcopy(EDITED)
    later["event"]["message"] |= {"text": "again", "edited": {"ts": "1767225700.000000"}}
    second = only(posted(later), edits=True)
    original = only(example("message_im"))
    assert len({first.message_id, second.message_id, original.message_id}) == 3
    assert first.sender_id == original.sender_id
    assert first.metadata["edited"] == "1767225613.000000"


@pytest.mark.parametrize(
    ("granularity", "sender_id"),
    [
        ("sender", "U0ALICE00"),
        ("channel", "U0ALICE00_C0GENERAL"),
        ("thread", "U0ALICE00_C0GENERAL_1767225600.000200"),
        ("team:channel:user", "T0AWSDEMO:C0GENERAL:U0ALICE00"),
        ("team:channel:thread", "T0AWSDEMO:C0GENERAL:1767225600.000200"),
        ("team:user", "T0AWSDEMO:U0ALICE00"),
    ],
)
def test_conversations_by_granularity(granularity, sender_id):
    message = only(example("app_mention"), conversation_granularity=granularity)
    assert message.sender_id == sender_id


@pytest.mark.parametrize(
    ("name", "settings", "reply_to"),
    [
        ("message_im", {}, {"channel": "D0AAAAAAA", "user": "U0ALICE00"}),
        ("app_mention", {}, {"channel": "C0GENERAL", "user": "U0ALICE00"}),
        (
            "app_mention",
            {"use_threads": True},
            {"channel": "C0GENERAL", "user": "U0ALICE00", "thread_ts": "1767225600.000200"},
        ),
    ],
)
def test_where_an_answer_goes(name, settings, reply_to):
    assert only(example(name), **settings).reply_to == reply_to


def test_a_thread_with_the_bot_is_answered_in_the_thread():
    message = only(posted(event(thread_ts="1767225590.000001")))
    assert message.reply_to["thread_ts"] == "1767225590.000001"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
)
def test_a_content_type_may_have_a_charset(content_type):
    body = example("message_im").body
    assert len(channel().parse(signed(body, content_type))) == 1


def test_another_content_type_is_nothing():
    assert channel().parse(signed(b"hi", "text/plain")) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_a_payload_error(body):
    with pytest.raises(PayloadError):
        channel().parse(signed(body))


def test_slack_says_when_it_holds_events_back(caplog):
    channel().parse(example("app_rate_limited"))
    assert "T0AWSDEMO" in caplog.text
