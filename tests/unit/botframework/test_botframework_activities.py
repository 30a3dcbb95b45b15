"""What users do, as activities: which are messages, and what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.botframework.activities import read_activity
from channels.botframework.submits import submitted_text
from channels.messages.payloads import key_of
from tests.unit.botframework.bot import SERVICE_URL, TENANT, activity, channel, parse, request

KEY = f"payload:{'0' * 40}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("text", "hello"),
        ("base64", "h\u00e9llo \U0001f44b"),
        ("group_chat", "hi there"),
        ("mention_in_channel", "what is open?"),
        ("mention_of_others", "ask <at>Bob</at>, please"),
        ("mention_only", "<at>assistant</at>"),
        ("button_click", "/affirm"),
        ("long_payload_button_click", KEY),
        ("card_form", '/book{"date": "2026-01-02", "people": "6"}'),
        ("card_form_of_others", '{"colour": "blue"}'),
        ("card_value_text", "/deny"),
        ("card_execute", '/approve{"order": 7}'),
        ("suggested_action", "great"),
        ("file", "https://example.com/download/report.pdf"),
        ("image", "https://example.com/a.png"),
        ("text_with_image", "my receipt"),
        ("expect_replies", "hello"),
        ("no_recipient", "hello"),
    ],
)
def test_what_users_say(name, text):
    [message] = channel().parse(request(name))
    assert message.text == text
    assert message.input_channel == "botframework"


@pytest.mark.parametrize(
    "name",
    [
        "own_message",
        "card_refresh",
        "unknown_invoke",
        "edited_text",
        "restored_text",
        "deleted_text",
        "reaction",
        "user_joined",
        "user_joined_team",
        "bot_joined",
        "bot_installed",
        "bot_removed",
        "typing",
        "event",
        "end_of_conversation",
        "unknown_kind",
        "malformed",
    ],
)
def test_what_is_no_message(name):
    assert channel().parse(request(name)) == []


@pytest.mark.parametrize(
    ("name", "sender_id"),
    [
        ("user_joined", "dl_ann"),
        ("user_joined_team", "29:1bob"),
        ("bot_installed", "29:1ann"),
        ("bot_joined", None),
        ("bot_installed_in_team", None),
        ("bot_removed", None),
    ],
)
@pytest.mark.parametrize("option", ["greet", "/greet"])
def test_newcomers_are_welcomed_where_it_is_wanted(name, sender_id, option):
    messages = channel(welcome_intent=option).parse(request(name))
    found = [(message.text, message.sender_id) for message in messages]
    assert found == ([("/greet", sender_id)] if sender_id else [])


def test_a_personal_chat_of_teams_welcomes_once():
    instance = channel(welcome_intent="greet")
    both = [instance.parse(request(name)) for name in ("bot_installed", "bot_joined")]
    assert sum(map(len, both)) == 1
    someone = activity("bot_joined", membersAdded=[{"id": "29:1ann"}])
    assert parse(someone, welcome_intent="greet") == []


def test_an_edit_is_a_message_of_its_own_where_it_is_wanted():
    instance = channel(edited_messages=True)
    [before] = instance.parse(request("text"))
    [edit] = instance.parse(request("edited_text"))
    assert edit.text == "hello!"
    assert edit.message_id != before.message_id
    assert edit.message_id == instance.parse(request("edited_text"))[0].message_id
    assert instance.parse(request("restored_text")) == []


@pytest.mark.parametrize(
    ("text", "entity_text", "said"),
    [
        ("<at>Bot</at> hi", "<at>Bot</at>", "hi"),
        ("<AT>bot</AT>hi", "<at>Bot</at>", "hi"),
        ("hi\u00a0<at>Bot</at>\u00a0you", "<at>Bot</at>", "hi you"),
        ("hi <at>Bot</at>", "<at>Bot</at>", "hi"),
        ("<at>Bot</at>&nbsp; &nbsp;hi", "<at>Bot</at>", "hi"),
        ("<at>Bot</at> <at>Bot</at> hi", "<at>Bot</at>", "hi"),
        ("<at>Bot</at> hi", None, "hi"),
        ("a+b <at>B.*</at> c", "<at>B.*</at>", "a+b c"),
        ("hi <at>Bot</at>", "@Bot", "hi <at>Bot</at>"),
        ("<at>Bot</at>&nbsp;", "<at>Bot</at>", "<at>Bot</at>"),
        (" <at>Bot</at> \n", "<at>Bot</at>", "<at>Bot</at>"),
    ],
)
def test_the_bots_own_mention_is_taken_off(text, entity_text, said):
    entity = {"type": "mention", "mentioned": {"id": "b", "name": "Bot"}, "text": entity_text}
    [message] = parse(activity("text", text=text, recipient={"id": "b"}, entities=[entity]))
    assert message.text == said


@pytest.mark.parametrize(
    ("value", "text", "said"),
    [
        (None, "hi", "hi"),
        ({}, "hi", "hi"),
        ({"payload": "/affirm"}, "Yes", "/affirm"),
        ({"payload": "/affirm"}, "", "/affirm"),
        ({"payload": '/inform{"a": 1}', "b": 2}, "", '/inform{"a": 1}'),
        ({"payload": "just words", "b": 2}, "", "just words"),
        ({"payload": "/book", "msteams": {"type": "messageBack"}}, "", "/book"),
        (
            {"payload": "/book", "msteams": {}, "city": "K\u00f6ln"},
            "",
            '/book{"city": "K\u00f6ln"}',
        ),
        ({"payload": key_of("x"), "title": "T"}, "", key_of("x")),
        ({"payload": 5}, "", '{"payload": 5}'),
        ({"payload": ""}, "Yes", "Yes"),
        ({"other": 1}, "Yes", "Yes"),
        ("/affirm", "", "/affirm"),
        ("/affirm", "/affirm", "/affirm"),
        (7, "", "7"),
        ([1], "", "[1]"),
        (False, "", "false"),
    ],
)
def test_clicks(value, text, said):
    assert submitted_text(value, text) == said


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ({"verb": "approve"}, "/approve"),
        ({"verb": "/approve", "data": {}}, "/approve"),
        ({"verb": "approve", "data": {"payload": "/yes"}}, "/yes"),
        ({"verb": "approve", "data": {"payload": "/yes", "why": "x"}}, '/yes{"why": "x"}'),
        ({"data": {"why": "x"}}, '{"why": "x"}'),
        ({"type": "Action.Execute", "id": "approve", "title": "Approve"}, "approve"),
        ({"type": "Action.Execute", "title": "Approve"}, "Approve"),
        ({}, "Action.Execute"),
        ("odd", "Action.Execute"),
    ],
)
def test_executed_actions(action, text):
    [message] = parse(activity("card_execute", value={"action": action, "trigger": "manual"}))
    assert message.text == text


def test_an_answer_finds_its_way_by_the_conversation_reference():
    [message] = channel().parse(request("mention_in_channel"))
    assert message.reply_to == {
        "serviceUrl": SERVICE_URL,
        "channelId": "msteams",
        "activityId": "1767225600003",
        "locale": "en-GB",
        "conversation": {
            "id": "19:general@thread.tacv2;messageid=1767225600000",
            "name": "General",
            "isGroup": True,
            "conversationType": "channel",
            "tenantId": TENANT,
        },
        "user": {
            "id": "29:1ann",
            "name": "Ann",
            "aadObjectId": "aaaaaaaa-0000-4000-8000-000000000001",
        },
        "bot": {"id": "28:11111111-2222-3333-4444-555555555555", "name": "Assistant"},
        "verified": True,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"serviceUrl": None},
        {"serviceUrl": 5},
        {"conversation": None},
        {"conversation": {"id": 7}},
        {"conversation": []},
        {"from": None},
        {"from": {"name": "Ann"}},
    ],
)
def test_what_cannot_be_answered_is_no_message(changes):
    assert read_activity(activity("text", **changes)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"from": {"id": "x", "role": "bot"}},
        {"from": {"id": "28:11111111-2222-3333-4444-555555555555"}},
    ],
)
def test_the_bots_own_messages_are_no_messages(changes):
    assert read_activity(activity("text", **changes)) is None
    assert read_activity(activity("edited_text", **changes), edited=True) is None


@pytest.mark.parametrize(("text", "said"), [(None, "Action.Submit"), ("Yes", "Yes")])
def test_a_button_without_data_says_what_was_done(text, said):
    [message] = parse(activity("button_click", value={}, text=text))
    assert message.text == said


def test_a_file_with_a_mention_says_its_address():
    activity_ = activity("mention_only", attachments=request("image").json["attachments"])
    [message] = parse(activity_)
    assert message.text == "https://example.com/a.png"


@pytest.mark.parametrize(
    ("sender", "level"),
    [
        ({"id": "28:another", "role": "bot"}, "INFO"),
        ({"id": "28:11111111-2222-3333-4444-555555555555", "role": "bot"}, "DEBUG"),
        ({"id": "28:11111111-2222-3333-4444-555555555555"}, "DEBUG"),
    ],
)
def test_which_bots_are_ignored_is_logged_by_their_ids(sender, level, caplog):
    caplog.set_level("DEBUG", "channels")
    assert parse(activity("text", **{"from": sender})) == []
    [record] = caplog.records
    assert (record.levelname, "ignored" in record.message) == (level, True)
    assert sender["id"] in record.message
    assert "hello" not in record.message


def test_metadata_is_what_the_activity_says():
    [message] = channel().parse(request("file"))
    given = request("file").json
    assert message.metadata["attachments"] == given["attachments"], "Rasa's"
    assert message.metadata["channelData"] == {"tenant": {"id": TENANT}}
    assert message.metadata["from"]["aadObjectId"] == "aaaaaaaa-0000-4000-8000-000000000001"
    assert message.metadata["conversation"]["conversationType"] == "personal"
    assert message.metadata["locale"] == "en-GB"
    assert "serviceUrl" not in message.metadata
    [clicked] = channel().parse(request("button_click"))
    assert clicked.metadata["value"] == {"payload": "/affirm"}
    assert clicked.metadata["replyToId"] == "1767225500000"


def test_the_messages_id_is_that_of_channel_conversation_and_activity():
    first, again = (channel().parse(request("text"))[0] for _ in range(2))
    assert first.message_id == again.message_id == "msteams:a:1personal:1767225600001"
    others = [
        {"conversation": {"id": "other"}},
        {"channelId": "webchat"},
        {"id": "other"},
    ]
    assert first.message_id not in [
        parse(activity("text", **other))[0].message_id for other in others
    ]


def test_activities_without_an_id_are_messages_of_their_own():
    one, other = (parse(activity("text", id=None))[0] for _ in range(2))
    assert one.message_id != other.message_id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(activity("file"))), JSON))
def test_whatever_an_activity_looks_like_it_is_read(changes):
    for welcome in ("", "/greet"):
        read_activity({**activity("file"), **changes}, edited=True, welcome=welcome)
