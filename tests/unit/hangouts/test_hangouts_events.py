"""What users do on Google Chat, as the messages that the agent gets."""

import copy
import json

import pytest

from channels.hangouts.events import read_event
from channels.messages.payloads import key_of
from tests.unit.hangouts.google import ENDPOINT
from tests.unit.hangouts.space import KeyValueStore, body, channel, request, request_of

M1 = "spaces/AAA/messages/M1.M1"
CLICK = "spaces/AAA/messages/M2.M2:users/111:2026-01-01T00:00:00.000000Z"
QUICK = '/app_command{"id": "2", "type": "QUICK_COMMAND"}'
LONG_PAYLOAD = "/order" + json.dumps({"note": "x" * 3000})

#: What a user does, and the texts that the agent gets.
TEXTS = {
    "message": ["hello"],
    "mention_only": ["@Rasa"],
    "direct_message": ["hello"],
    "base64": ["h\u00e9llo \U0001f44b"],
    "slash_command": ["/order pizza"],
    "attachment": [""],
    "gif": ["https://example.com/wave.gif"],
    "link_preview": ["see https://example.com/case/7"],
    "card_clicked": ["/affirm"],
    "card_clicked_in_rasas_way": ["/affirm"],
    "card_clicked_with_a_form": ["/order"],
    "card_clicked_without_parameters": ["approve_order"],
    "card_clicked_long_payload": [key_of(LONG_PAYLOAD)],
    "submit_form": ["/order"],
    "quick_command": [QUICK],
    "added_to_space": ["/room_added"],
    "added_to_dm": ["/user_added"],
    "added_by_mention": ["/room_added", "hello"],
    "added_by_mention_only": ["/room_added"],
    "removed": ["/bot_removed"],
    "own_message": [],
    "dialog_cancelled": [],
    "widget_updated": [],
    "app_home": [],
    "unknown_kind": [],
    "malformed": [],
    "add_on_message": ["hello"],
    "add_on_direct_message": ["hello"],
    "add_on_button": ["/affirm"],
    "add_on_added": ["/user_added"],
    "add_on_removed": ["/bot_removed"],
    "add_on_command": ["/order pizza"],
    "add_on_quick_command": [QUICK],
    "add_on_widget_changed": ["L"],
    "add_on_widget_updated": [],
}


def parsed(name, **settings):
    return channel(**settings).parse(request(name))


def one(name, **settings):
    [message] = parsed(name, **settings)
    return message


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_user_does_is_what_the_agent_gets(name):
    messages = parsed(name)
    assert [message.text for message in messages] == TEXTS[name]
    assert all(message.input_channel == "hangouts" for message in messages)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("message", [M1]),
        ("add_on_message", [M1]),
        ("slash_command", [M1]),
        ("card_clicked", [f"{CLICK}:CARD_CLICKED"]),
        ("added_to_space", ["spaces/AAA:users/111:2026-01-01T00:00:00.000000Z:ADDED_TO_SPACE"]),
        (
            "added_by_mention",
            [f"{M1}:users/111:2026-01-01T00:00:00.000000Z:ADDED_TO_SPACE", M1],
        ),
        ("quick_command", ["spaces/AAA:users/111:2026-01-01T00:00:00.000000Z:APP_COMMAND"]),
    ],
)
def test_the_same_event_again_is_the_same_message(name, ids):
    for _ in range(2):
        assert [message.message_id for message in parsed(name)] == ids


def test_a_second_click_on_a_button_is_another_message():
    again = body("card_clicked")
    again["eventTime"] = "2026-01-01T00:00:09Z"
    [message] = channel().parse(request_of(again))
    assert message.message_id != one("card_clicked").message_id


def test_an_event_without_a_name_and_a_time_is_a_message_all_the_same():
    nameless = body("message")
    del nameless["message"]["name"], nameless["eventTime"]
    [first], [second] = (channel().parse(request_of(nameless)) for _ in range(2))
    assert first.text == "hello"
    assert first.message_id != second.message_id
    assert first.reply_to["request"] == first.message_id


@pytest.mark.parametrize(
    ("granularity", "name", "sender_id"),
    [
        (None, "message", "AAA"),
        ("space", "message", "AAA"),
        ("thread", "message", "AAA:T1"),
        ("sender", "message", "AAA:111"),
        ("sender", "card_clicked", "AAA:111"),
        ("display_name", "message", "Ann"),
        ("space", "direct_message", "DM1"),
        ("thread", "direct_message", "DM1"),
        ("sender", "direct_message", "DM1"),
        ("thread", "added_to_space", "AAA"),
        ("sender", "add_on_message", "AAA:111"),
        ("thread", "add_on_button", "AAA:T1"),
    ],
)
def test_a_conversation_is_what_the_credentials_say(granularity, name, sender_id):
    assert one(name, conversation_granularity=granularity).sender_id == sender_id


def test_two_people_of_one_name_are_two_conversations():
    """Rasa takes the name that a user chose for the conversation."""
    other = body("direct_message")
    other["space"] = other["message"]["space"] = {**other["space"], "name": "spaces/DM2"}
    assert channel().parse(request_of(other))[0].sender_id != one("direct_message").sender_id


def test_where_an_answer_goes():
    assert one("message").reply_to == {
        "space": "spaces/AAA",
        "thread": "spaces/AAA/threads/T1",
        "function": "rasa_payload",
        "request": M1,
    }
    assert one("add_on_message").reply_to["function"] == ENDPOINT
    assert "thread" not in one("direct_message").reply_to, "every message there is a thread"


def test_metadata_has_rasas_room_and_what_google_tells():
    metadata = one("message").metadata
    assert metadata["room"] == "Team"
    assert metadata["user"]["name"] == "users/111"
    assert metadata["thread"] == "spaces/AAA/threads/T1"
    assert metadata["message"] == M1
    assert one("direct_message").metadata["room"] is None
    assert channel().get_metadata(request("message")) == metadata
    assert channel().get_metadata(request("unknown_kind")) is None


def test_files_are_in_the_metadata():
    assert one("attachment").metadata["attachments"] == [
        {"name": "receipt.pdf", "content_type": "application/pdf", "resource_name": "RES1"},
        {
            "name": "plan.doc",
            "content_type": "application/vnd.google-apps.document",
            "drive_file_id": "D1",
        },
    ]


def test_commands_and_forms_are_in_the_metadata():
    assert one("slash_command").metadata["command"] == {"id": "1"}
    assert one("add_on_command").metadata["command"] == {"id": "1", "type": "SLASH_COMMAND"}
    assert one("card_clicked").metadata["action"]["function"] == "rasa_payload"
    form = one("card_clicked_with_a_form").metadata["form_inputs"]
    assert form == {"size": {"stringInputs": {"value": ["L"]}}}


@pytest.mark.parametrize(
    ("remembered", "text"), [({key_of(LONG_PAYLOAD): LONG_PAYLOAD}, LONG_PAYLOAD), ({}, "Order")]
)
def test_a_long_payload_comes_back_or_the_buttons_title(remembered, text):
    instance = channel()
    instance.memory = KeyValueStore()
    instance.memory.update(remembered)
    message = one("card_clicked_long_payload")
    assert instance.enrich(message)
    assert message.text == text


def test_a_text_that_looks_like_a_key_is_a_text():
    instance = channel()
    typed = body("message")
    typed["message"]["argumentText"] = key_of("x")
    [message] = instance.parse(request_of(typed))
    assert instance.enrich(message)
    assert message.text == key_of("x")


CALLED = "https://bot.example.com/webhooks/hangouts/webhook"
YES, NO = ({"text": text, "onClick": {"action": {"function": CALLED}}} for text in ("Yes", "No"))


def card_of(*buttons):
    widget = {"buttonList": {"buttons": list(buttons)}}
    return [{"cardId": "c", "card": {"sections": [{"widgets": [widget]}]}}]


# what a click tells: function, parameters, inputs, the cards of its message; and the words for it
CLICKS = {
    "a payload": ("order", {"payload": "/x"}, {}, [], "/x"),
    "a function, as in Rasa": ("order", {"id": "7"}, {}, [], "order"),
    "a function and inputs": ("order", {}, {"size": {"stringInputs": {"value": ["L"]}}}, [],
                              "order"),
    "an endpoint and parameters": (CALLED, {"do": "order", "id": "7"}, {}, [], "order, 7"),
    "an endpoint and choices": (
        CALLED,
        {"do": "order"},
        {"size": {"stringInputs": {"value": ["L", "XL"]}}, "note": {"stringInputs": {}}},
        [],
        "L, XL",
    ),
    "a day": (CALLED, {}, {"d": {"dateInput": {"msSinceEpoch": "1767312000000"}}}, [],
              "2026-01-02"),
    "a day and a time": (
        CALLED,
        {},
        {"d": {"dateTimeInput": {"msSinceEpoch": 1767353400000, "hasDate": True, "hasTime": True}}},
        [],
        "2026-01-02 11:30",
    ),
    "a time": (CALLED, {}, {"t": {"timeInput": {"hours": 9, "minutes": 5}}}, [], "09:05"),
    "a full hour": (CALLED, {}, {"t": {"timeInput": {"hours": 9}}}, [], "09:00"),
    "a day that is none": (CALLED, {}, {"d": {"dateInput": {"msSinceEpoch": "9" * 40}}}, [],
                           "CARD_CLICKED"),
    "the only button that calls it": (CALLED, {}, {}, card_of(YES), "Yes"),
    "one of two": (CALLED, {}, {}, card_of(YES, NO), "CARD_CLICKED"),
    "the one of two that has no parameters": (
        CALLED,
        {},
        {},
        card_of(YES, {**NO, "onClick": {"action": {"function": CALLED, "parameters": [
            {"key": "do", "value": "no"}]}}}),
        "Yes",
    ),
    "our own function and no payload": ("rasa_payload", {}, {}, [], "rasa_payload"),
    "nothing at all": ("", {}, {}, [], "CARD_CLICKED"),
}  # fmt: skip


@pytest.mark.parametrize(("function", "parameters", "inputs", "cards", "text"), CLICKS.values(),
                         ids=CLICKS)  # fmt: skip
@pytest.mark.parametrize("name", ["card_clicked", "add_on_button"])
def test_a_click_without_our_value_says_the_best_there_is(
    name, function, parameters, inputs, cards, text
):
    click = body(name)
    click.pop("action", None)
    common = {"invokedFunction": function, "parameters": parameters, "formInputs": inputs}
    click["common" if name == "card_clicked" else "commonEventObject"] = common
    payload = click if name == "card_clicked" else click["chat"]["buttonClickedPayload"]
    payload["message"]["cardsV2"] = cards
    [message] = channel().parse(request_of(click))
    assert message.text == text
    assert message.metadata["action"] == {"function": function, "parameters": parameters}
    assert message.metadata.get("form_inputs", {}) == inputs


@pytest.mark.parametrize("kind", ["user", "sender"])
def test_what_bots_say_is_ignored_and_logged_by_its_ids(kind, caplog):
    caplog.set_level("INFO", "channels")
    said = body("message")
    bot = {"name": "users/999", "type": "BOT"}
    said["message"]["sender"] = bot
    if kind == "user":
        said["user"] = bot
    assert channel().parse(request_of(said)) == []
    [record] = caplog.records
    assert "ignored" in record.message
    assert "spaces/AAA" in record.message
    assert "hello" not in record.message


def test_what_says_nothing_is_logged(caplog):
    caplog.set_level("INFO", "channels")
    said = body("direct_message")
    said["message"] |= {"text": "", "argumentText": ""}
    assert channel().parse(request_of(said)) == []
    [record] = caplog.records
    assert "ignored" in record.message


def test_a_file_with_a_mention_is_not_without_words():
    said = body("attachment")
    said["message"] |= {"text": "@Rasa", "argumentText": ""}
    [message] = channel().parse(request_of(said))
    assert message.text == "@Rasa"
    assert message.metadata["attachments"]


@pytest.mark.parametrize("space", ["AAA", "spaces/", "spaces/../x", "spaces/a/b", None, 5])
def test_a_space_with_an_odd_name_is_no_space(space):
    odd = body("message")
    odd["space"]["name"] = space
    assert channel().parse(request_of(odd)) == []


def test_rasas_intents_can_be_renamed_as_in_rasa():
    from channels.hangouts import HangoutsInput

    instance = HangoutsInput("1234567890", "/hi_user", "/hi_room", "/bye")
    names = ("added_to_dm", "added_to_space", "removed")
    texts = [instance.parse(request(name))[0].text for name in names]
    assert texts == ["/hi_user", "/hi_room", "/bye"]


@pytest.mark.parametrize("document", [None, [], 5, "MESSAGE", {}, {"chat": None}, {"chat": {}}])
def test_what_is_no_event_is_none(document):
    assert read_event(document) is None


def test_reading_changes_nothing():
    for name in TEXTS:
        if name != "malformed":
            document = body(name)
            before = copy.deepcopy(document)
            read_event(document)
            assert document == before
