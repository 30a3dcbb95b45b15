"""Clicks, choices, commands, shortcuts and forms: what a user does, and what the agent is told."""

import copy
import json
from urllib.parse import parse_qs, urlencode

import pytest

from channels.errors import PayloadError
from channels.slack.interactions import interaction_of
from tests.unit.slack.workspace import FORM, KeyValueStore, channel, clicked, example, signed

CLICK = json.loads(parse_qs(example("block_actions").body.decode())["payload"][0])
FORM_VIEW = json.loads(parse_qs(example("view_submission").body.decode())["payload"][0])

KEY = "payload:" + "0" * 40


def option(value, text="Shown"):
    return {"text": {"type": "plain_text", "text": text}, "value": value}


def acted(kind, **fields):
    return {"type": kind, "action_id": "a", "action_ts": "1767225632.1", **fields}


# what a user does: the action, the text for the agent (None: nothing)
DOES = {
    "clicks a button": (acted("button", value="/affirm"), "/affirm"),
    "clicks a button without a value": (
        acted("button", action_id="approve", text={"type": "plain_text", "text": "Approve"}),
        "approve",
    ),
    "clicks a button with an empty value": (acted("button", value=""), "a"),
    "clicks a button that has a text only": (
        {"type": "button", "text": {"type": "plain_text", "text": "Approve"}},
        "Approve",
    ),
    "clicks what has no name at all": ({"type": "icon_button"}, "icon_button"),
    "clicks an icon": (acted("icon_button", value="delete_1"), "delete_1"),
    "clicks a feedback button": (acted("feedback_buttons", value="/good"), "/good"),
    "starts a workflow": (acted("workflow_button", action_id="start"), "start"),
    "follows a link button": (acted("button", url="https://x.io"), None),
    "follows a link button that has a value": (
        acted("button", url="https://x.io", value="/x"),
        None,
    ),
    "follows a link of an overflow": (
        acted("overflow", selected_option={**option("/o"), "url": "https://x.io"}),
        None,
    ),
    "picks an option without a value": (
        acted("static_select", selected_option={"text": {"type": "plain_text", "text": "Ham"}}),
        "Ham",
    ),
    "picks from a menu": (acted("static_select", selected_option=option("/x")), "/x"),
    "picks from an external menu": (acted("external_select", selected_option=option("x")), "x"),
    "clears a menu": (acted("static_select", selected_option=None), None),
    "picks from an overflow": (acted("overflow", selected_option=option("/o")), "/o"),
    "picks a radio button": (acted("radio_buttons", selected_option=option("r")), "r"),
    "ticks boxes": (acted("checkboxes", selected_options=[option("a"), option("b")]), "a, b"),
    "unticks all boxes": (acted("checkboxes", selected_options=[]), None),
    "picks several": (
        acted("multi_static_select", selected_options=[option("/a"), option("/b")]),
        "/a, /b",
    ),
    "picks several of an external menu": (
        acted("multi_external_select", selected_options=[option("a")]),
        "a",
    ),
    "picks a person": (acted("users_select", selected_user="U1"), "U1"),
    "picks a channel": (acted("channels_select", selected_channel="C1"), "C1"),
    "picks a conversation": (acted("conversations_select", selected_conversation="D1"), "D1"),
    "picks people": (acted("multi_users_select", selected_users=["U1", "U2"]), "U1, U2"),
    "picks channels": (acted("multi_channels_select", selected_channels=["C1"]), "C1"),
    "picks conversations": (
        acted("multi_conversations_select", selected_conversations=["C1", "D1"]),
        "C1, D1",
    ),
    "picks a date": (acted("datepicker", selected_date="2026-01-02"), "2026-01-02"),
    "clears a date": (acted("datepicker", selected_date=None), None),
    "picks a time": (acted("timepicker", selected_time="11:30"), "11:30"),
    "picks a date and time": (acted("datetimepicker", selected_date_time=1767225600), "1767225600"),
    "types": (acted("plain_text_input", value="Ann"), "Ann"),
    "types an address": (acted("email_text_input", value="a@b.io"), "a@b.io"),
    "types a link": (acted("url_text_input", value="https://x.io"), "https://x.io"),
    "types a number": (acted("number_input", value="42"), "42"),
    "empties a text field": (acted("plain_text_input", value=None), None),
    "uses an element that is new": (acted("hologram", value="x"), "x"),
    "uses an element that is new and has no value": (acted("hologram"), "a"),
    "picks from a menu that is new": (acted("hologram", selected_date="2026-01-02"), "2026-01-02"),
    "picks from a menu of an old attachment": (
        {"type": "select", "name": "games", "selected_options": [{"value": "chess"}]},
        "chess",
    ),
}


@pytest.mark.parametrize(("action", "text"), DOES.values(), ids=DOES)
def test_what_a_user_does(action, text):
    messages = channel().parse(clicked({**CLICK, "actions": [action]}))
    assert [message.text for message in messages] == ([] if text is None else [text])


def test_a_feedback_button_says_its_value():
    message = only(example("block_actions_feedback"))
    assert message.text == '/feedback{"good": true}'
    assert message.metadata["action"]["titles"] == ["Good"]


def test_a_click_without_a_value_says_what_is_clicked_and_hands_over_all_of_it():
    message = only(example("block_actions_without_value"))
    assert message.text == "approve_order"
    assert message.metadata["action"] == {
        "type": "button",
        "action_id": "approve_order",
        "block_id": "b1",
        "text": {"type": "plain_text", "text": "Approve"},
        "action_ts": "1767225632.1",
        "values": ["approve_order"],
        "titles": ["Approve"],
    }


def test_a_link_is_known_by_its_message_too(caplog):
    """The action tells the address, and so does the element in the message it was clicked in."""
    caplog.set_level("DEBUG", "channels")
    click = json.loads(parse_qs(example("block_actions_link").body.decode())["payload"][0])
    assert channel().parse(clicked(click)) == []
    del click["actions"][0]["url"]
    assert channel().parse(clicked(click)) == []
    assert [record.levelname for record in caplog.records] == ["DEBUG", "DEBUG"]
    assert all("rasa_0" in record.message for record in caplog.records)
    assert "example.com" not in caplog.text


def test_a_choice_that_is_cleared_is_no_message_and_is_logged(caplog):
    caplog.set_level("DEBUG", "channels")
    action = acted("static_select", selected_option=None)
    assert channel().parse(clicked({**CLICK, "actions": [action]})) == []
    [record] = caplog.records
    assert "cleared" in record.message


UNREAD = {
    "an interaction to come": ({"type": "something_new"}, "INFO", "something_new"),
    "a closed form": ({"type": "view_closed"}, "DEBUG", "view_closed"),
    "a click without an element": ({"actions": []}, "INFO", "U0ALICE00"),
    "a click without a user": ({"user": None}, "INFO", "D0AAAAAAA"),
    "a shortcut without a name": ({"type": "shortcut", "actions": []}, "INFO", "U0ALICE00"),
}


@pytest.mark.parametrize(("changes", "level", "id_"), UNREAD.values(), ids=UNREAD)
def test_an_interaction_that_says_nothing_is_logged_by_its_ids(changes, level, id_, caplog):
    caplog.set_level("DEBUG", "channels")
    assert channel().parse(clicked({**CLICK, **changes})) == []
    [record] = caplog.records
    assert record.levelname == level
    assert id_ in record.message


def only(request, **settings):
    [message] = channel(**settings).parse(request)
    return message


def test_a_click():
    message = only(example("block_actions"))
    assert message.text == "/affirm"
    assert message.sender_id == "U0ALICE00"
    assert message.message_id == ("T0AWSDEMO:U0ALICE00:1767225630.000900:rasa_0:1767225631.123456")
    assert message.metadata == {
        "out_channel": "D0AAAAAAA",
        "thread_id": "1767225620.000700",
        "users": ["U0ALICE00"],
        "action": {
            "action_id": "rasa_0",
            "block_id": "b1",
            "type": "button",
            "text": {"type": "plain_text", "text": "Yes"},
            "value": "/affirm",
            "action_ts": "1767225631.123456",
            "values": ["/affirm"],
            "titles": ["Yes"],
        },
    }
    assert message.reply_to == {
        "channel": "D0AAAAAAA",
        "user": "U0ALICE00",
        "thread_ts": "1767225620.000700",
        "response_url": "https://hooks.slack.com/actions/T0AWSDEMO/1/abc",
    }


def test_several_actions_of_one_post_are_several_messages():
    messages = channel().parse(example("block_actions_several"))
    assert [message.text for message in messages] == ["ham, corn", "2026-01-02"]
    assert messages[0].metadata["action"]["values"] == ["ham", "corn"]
    assert messages[0].message_id != messages[1].message_id


def test_a_second_click_is_another_message_and_the_same_one_is_not():
    later = copy.deepcopy(CLICK)
    later["actions"][0]["action_ts"] = "1767225699.1"
    ids = [only(clicked(each)).message_id for each in (CLICK, CLICK, later)]
    assert ids[0] == ids[1] != ids[2]


#: What Slack's id of an event is made of, taken out of it.
WITHOUT_AN_ID = {
    "a click without its time": clicked(
        {
            **CLICK,
            "actions": [{**action, "action_ts": ""} for action in CLICK["actions"]],
        }
    ),
    "a click of no team": clicked({**CLICK, "team": None, "user": {"id": "U1"}}),
    "a command without a trigger": signed(
        urlencode({"command": "/ask", "user_id": "U1", "text": "hi"}).encode(), FORM
    ),
    "a shortcut without a trigger": clicked(
        {"type": "shortcut", "callback_id": "book", "user": {"id": "U1"}}
    ),
    "a view without a hash": clicked(
        {"type": "view_submission", "view": {"callback_id": "book"}, "user": {"id": "U1"}}
    ),
}


@pytest.mark.parametrize("name", WITHOUT_AN_ID)
def test_what_has_no_id_of_slacks_is_the_same_message_when_it_comes_again(name):
    asked = WITHOUT_AN_ID[name]
    first, again = only(asked), only(asked)
    assert first.message_id == again.message_id
    another = only(signed(asked.body + b"&x=1", FORM))
    assert another.message_id != first.message_id


def test_actions_without_ids_are_as_many_messages():
    several = interaction_of(example("block_actions_several").form)
    for action in several["actions"]:
        action["action_ts"] = ""
    ids = [[each.message_id for each in channel().parse(clicked(several))] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_a_click_on_what_only_one_user_sees_starts_no_thread():
    click = copy.deepcopy(CLICK)
    del click["message"]
    click["channel"] = {"id": "C0GENERAL"}
    click["container"] |= {"is_ephemeral": True, "channel_id": "C0GENERAL"}
    message = only(clicked(click), use_threads=True)
    assert "thread_ts" not in message.reply_to


def test_clicks_by_granularity():
    message = only(example("block_actions"), conversation_granularity="team:channel:user")
    assert message.sender_id == "T0AWSDEMO:D0AAAAAAA:U0ALICE00"
    message = only(example("block_actions"), conversation_granularity="thread")
    assert message.sender_id == "U0ALICE00_D0AAAAAAA_1767225620.000700"


def test_a_slash_command():
    message = only(example("slash_command"))
    assert message.text == "what is up?"
    assert message.message_id == "1.2.abc"
    assert message.metadata == {
        "out_channel": "C0GENERAL",
        "thread_id": None,
        "users": ["U0ALICE00"],
        "command": "/ask",
    }
    assert message.reply_to == {
        "channel": "C0GENERAL",
        "user": "U0ALICE00",
        "response_url": "https://hooks.slack.com/commands/T0AWSDEMO/1/abc",
    }


def test_a_slash_command_without_a_text_says_its_name():
    body = urlencode({"command": "/help", "user_id": "U1", "text": ""}).encode()
    assert only(signed(body, FORM)).text == "/help"


def test_a_form_may_have_a_charset():
    body = example("slash_command").body
    assert only(signed(body, f"{FORM}; charset=utf-8")).text == "what is up?"


def test_a_global_shortcut_is_an_intent_and_is_answered_to_the_user():
    message = only(example("shortcut"), slack_channel="C0GENERAL")
    assert message.text == "/ask_bot"
    assert message.reply_to == {"user": "U0ALICE00"}
    assert message.message_id == "1.4.abc"
    output = channel(slack_channel="C0GENERAL").output_for(message)
    assert output.slack_channel == "U0ALICE00", "what is private stays out of slack_channel"


def test_a_shortcut_on_a_message_hands_that_message_over():
    message = only(example("message_shortcut"))
    assert message.text == '/ask_about{"message": "hello"}'
    assert message.metadata["out_channel"] == "C0GENERAL"
    assert message.metadata["thread_id"] == "1767225599.000100"
    assert message.reply_to["channel"] == "C0GENERAL"


def test_a_form_is_an_intent_with_what_was_entered():
    message = only(example("view_submission"))
    assert message.text == '/form{"a_name": "Ann"}'
    assert message.message_id == "V1:156.abc"
    assert message.metadata["values"] == {"a_name": "Ann"}
    assert message.reply_to == {"channel": "D0AAAAAAA", "user": "U0ALICE00"}


def test_a_form_of_every_element():
    view = copy.deepcopy(FORM_VIEW)
    view["view"]["private_metadata"] = '{"page": 1}'
    view["view"]["state"]["values"] = {
        "b1": {"toppings": acted("checkboxes", selected_options=[option("ham"), option("corn")])},
        "b2": {"who": acted("multi_users_select", selected_users=["U1"])},
        "b3": {"day": acted("datepicker", selected_date="2026-01-02")},
        "b4": {"empty": acted("plain_text_input", value=None)},
        "b5": "broken",
    }
    message = only(clicked(view))
    entered = {"toppings": ["ham", "corn"], "who": ["U1"], "day": "2026-01-02"}
    assert message.metadata["values"] == entered
    assert message.text == f"/form{json.dumps(entered)}"
    assert message.reply_to == {"user": "U0ALICE00"}


def test_a_form_may_ask_where_its_answer_goes():
    view = copy.deepcopy(FORM_VIEW)
    view["response_urls"] = [
        {"channel_id": "C0CHOSEN0", "response_url": "https://hooks.slack.com/x"}
    ]
    assert only(clicked(view)).reply_to == {
        "channel": "C0CHOSEN0",
        "user": "U0ALICE00",
        "response_url": "https://hooks.slack.com/x",
    }


@pytest.mark.parametrize(
    "interaction",
    [
        {"type": "view_closed", "user": {"id": "U1"}},
        {"type": "block_suggestion", "user": {"id": "U1"}, "value": "be"},
        {"type": "something_new", "user": {"id": "U1"}},
        {"type": "block_actions", "actions": [acted("button", value="x")]},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": "none"},
        {"type": "shortcut", "user": {"id": "U1"}},
        {"type": "view_submission", "user": {"id": "U1"}, "view": []},
        {},
    ],
)
def test_what_says_nothing_is_no_message(interaction):
    assert channel().parse(clicked(interaction)) == []


@pytest.mark.parametrize("payload", ["", "{", "[]", "null", "NaN"])
def test_a_payload_that_is_no_object_is_a_payload_error(payload):
    with pytest.raises(PayloadError):
        channel().parse(signed(urlencode({"payload": payload}).encode(), FORM))


def test_half_a_character_does_not_travel_on():
    body = urlencode(
        {"payload": json.dumps({**CLICK, "actions": [acted("button", value="\ud83d")]})}
    )
    assert only(signed(body.encode(), FORM)).text == "?"


def completed(values, titles, memory):
    action = acted(
        "multi_static_select",
        selected_options=[option(v, t) for v, t in zip(values, titles, strict=True)],
    )
    made = channel()
    [message] = made.parse(clicked({**CLICK, "actions": [action]}))
    made.memory = memory
    assert made.enrich(message) is True
    return message.text


def test_a_long_payload_is_put_back():
    memory = KeyValueStore()
    memory.put(KEY, "/long" * 999, 1)
    assert completed([KEY, "/b"], ["One", "Two"], memory) == f"{'/long' * 999}, /b"


def test_a_payload_that_is_forgotten_says_what_the_user_saw():
    assert completed([KEY, "/b"], ["One", "Two"], KeyValueStore()) == "One, /b"


def test_what_a_user_types_is_never_looked_up():
    made = channel()
    made.memory = KeyValueStore()
    made.memory.put(KEY, "secret", 1)
    [message] = made.parse(example("message_im"))
    message.text = KEY
    assert made.enrich(message)
    assert message.text == KEY
