"""Numbers that stand for buttons: what is offered, and what an answer becomes."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.channel import UserMessage
from channels.turns.parts import Parts
from channels.twilio.choices import LIFETIME, Choice, choice_of, remember, resolve
from tests.unit.twilio.account import USER, KeyValueStore, account, channel, message

YES = {"title": "Yes", "payload": "/affirm"}
NO = {"title": "No, thanks", "payload": "/deny"}
OFFERED = [choice_of(YES), choice_of(NO)]


def offered(*choices):
    memory = KeyValueStore()
    remember(memory, USER, choices or OFFERED)
    return memory


def answer(text, memory, message_id="SM1", sender_id=USER):
    said = UserMessage(text, None, sender_id, message_id=message_id)
    resolve(said, memory)
    return said.text


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("1", "/affirm"),
        ("2", "/deny"),
        (" 2. ", "/deny"),
        ("2)", "/deny"),
        ("02", "/deny"),
        ("2\ufe0f\u20e3", "/deny"),
        ("\u0662", "/deny"),
        ("yes", "/affirm"),
        ("NO, THANKS", "/deny"),
        ("0", "0"),
        ("3", "3"),
        ("-1", "-1"),
        ("1 2", "1 2"),
        ("1.5", "1.5"),
        ("no", "no"),
        ("maybe", "maybe"),
        ("", ""),
        ("99999", "99999"),
    ],
)
def test_what_an_answer_becomes(said, heard):
    assert answer(said, offered()) == heard


def test_the_agent_is_told_what_was_chosen_and_how():
    instance = channel()
    instance.memory = offered()
    [said] = instance.parse(message(Body="1."))
    assert instance.enrich(said)
    assert (said.text, said.metadata["choice"], said.metadata["body"]) == ("/affirm", "Yes", "1.")


def test_an_answer_that_chooses_nothing_passes_unchanged():
    instance = channel()
    instance.memory = offered()
    [said] = instance.parse(message(Body="7"))
    assert instance.enrich(said)
    assert said.text == "7"
    assert "choice" not in said.metadata


def test_the_same_message_again_is_understood_again():
    memory = offered()
    assert answer("1", memory, "SM1") == "/affirm"
    assert answer("1", memory, "SM1") == "/affirm"


@pytest.mark.parametrize("first", ["1", "a question of mine"])
def test_after_an_answer_a_number_is_a_number(first):
    memory = offered()
    answer(first, memory, "SM1")
    assert answer("2", memory, "SM2") == "2"


def test_the_newest_buttons_count():
    memory = offered()
    remember(memory, USER, [Choice("Blue", "/blue")])
    assert answer("1", memory) == "/blue"


def test_buttons_offered_after_an_answer_count():
    memory = offered()
    answer("1", memory, "SM1")
    remember(memory, USER, [Choice("Blue", "/blue")])
    assert answer("1", memory, "SM2") == "/blue"


def test_another_users_number_is_a_number():
    assert answer("1", offered(), sender_id="whatsapp:+15005550006") == "1"


def test_without_a_memory_a_number_is_a_number():
    instance = channel()
    [said] = instance.parse(message(Body="1"))
    assert instance.enrich(said)
    assert said.text == "1"


def test_a_title_that_is_a_number_wins_over_the_number_beside_it():
    choices = [Choice(str(number), f"/rate_{number}") for number in (5, 4, 3, 2, 1)]
    assert answer("5", offered(*choices)) == "/rate_5"


def test_of_equal_titles_the_last_one_counts():
    choices = [Choice("Buy", "/buy_a"), Choice("Buy", "/buy_b")]
    assert answer("buy", offered(*choices)) == "/buy_b"
    assert answer("1", offered(*choices)) == "/buy_a"


def test_an_answer_may_take_a_week():
    memory = offered()
    answer("1", memory)
    assert memory.lifetimes == {LIFETIME} == {7 * 24 * 3600}


@pytest.mark.parametrize(
    ("button", "choice"),
    [
        (YES, ("Yes", "/affirm")),
        ({"title": "Yes"}, ("Yes", "Yes")),
        ({"payload": "/affirm"}, ("/affirm", "/affirm")),
        ({"title": "Two\nlines  "}, ("Two lines", "Two\nlines  ")),
        ({"title": "A", "payload": {"a": 1}}, ("A", '{"a": 1}')),
        ({"title": 5, "payload": "/five"}, ("5", "/five")),
        ({"title": 5}, ("5", "5")),
        ({}, ("", "")),
    ],
)
def test_buttons_that_lack_a_part(button, choice):
    assert choice_of(button) == choice


def test_what_the_bot_offers_is_what_the_user_may_answer():
    memory = KeyValueStore()
    with account(memory=memory) as (output, api):
        asyncio.run(output.send_text_with_buttons(USER, "Sure?", [YES, NO]))
        assert api.forms[0]["Body"] == "Sure?\n1. Yes\n2. No, thanks"
    assert answer("2", memory) == "/deny"


def test_within_a_turn_numbers_go_on_so_that_each_is_one_button():
    memory = KeyValueStore()
    cards = [{"title": title, "buttons": [{"title": "Buy", "payload": f"/buy_{title}"}]}
             for title in ("A", "B")]  # fmt: skip
    with account(memory=memory) as (output, api):
        asyncio.run(output.send_elements(USER, cards))
        assert [form["Body"] for form in api.forms] == ["A\n1. Buy", "B\n2. Buy"]
    assert answer("1", memory, "SM1") == "/buy_A"
    assert answer("2", memory, "SM1") == "/buy_B"


def test_a_turn_that_goes_on_elsewhere_offers_the_same_numbers():
    """The first list was sent by a worker that died; the second one's numbers stand for both."""
    memory = KeyValueStore()
    with account(memory=memory) as (output, api):
        output.parts = Parts(1, lambda parts, platform_id: None)
        asyncio.run(output.send_text_with_buttons(USER, "Size?", [{"title": "S"}, {"title": "M"}]))
        asyncio.run(output.send_text_with_buttons(USER, "Colour?", [YES]))
        assert [form["Body"] for form in api.forms] == ["Colour?\n3. Yes"]
    assert answer("2", memory, "SM1") == "M"
    assert answer("3", memory, "SM1") == "/affirm"


def test_links_are_no_choices():
    memory = KeyValueStore()
    with account(memory=memory) as (output, _):
        link = {"title": "Site", "url": "https://example.com"}
        asyncio.run(output.send_text_with_buttons(USER, "See", [link]))
    assert memory == {}


def test_a_link_does_not_take_away_what_was_offered_before():
    memory = offered()
    with account(memory=memory) as (output, _):
        asyncio.run(output.send_text_with_buttons(USER, "See", [{"title": "Site", "url": "u"}]))
    assert answer("1", memory) == "/affirm"


TITLES = st.text(min_size=1, max_size=10).filter(lambda title: title.strip())


@given(buttons=st.lists(st.fixed_dictionaries({"title": TITLES, "payload": TITLES}), min_size=1))
def test_every_number_is_the_payload_of_its_button(buttons):
    memory = KeyValueStore()
    choices = [choice_of(button) for button in buttons]
    remember(memory, USER, choices)
    titles = {choice.title.casefold() for choice in choices}
    for number, button in enumerate(buttons, start=1):
        if str(number) not in titles:
            assert answer(str(number), memory, "SM1") == button["payload"]


def test_what_is_remembered_is_json():
    [record] = offered().values()
    assert json.loads(record) == {
        "choices": [["Yes", "/affirm"], ["No, thanks", "/deny"]],
        "answered_by": None,
    }
