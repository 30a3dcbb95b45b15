"""Limits: what does not fit goes on in further messages, and nothing is left out."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.botframework.cards import MAX_BUTTONS, MAX_TITLE
from channels.botframework.limits import (
    MAX_ATTACHMENTS,
    MAX_ATTACHMENTS_SIZE,
    MAX_TEXT,
    within_limits,
)
from channels.botframework.payloads import MAX_PAYLOAD, short
from channels.messages.payloads import is_key
from channels.messages.text import utf16_units
from tests.unit.botframework.bot import KeyValueStore, say

WAVE = "\U0001f44b"


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("x" * 4000, [4000]),
        ("x" * 4001, [4000, 1]),
        (WAVE * 2001, [4000, 2]),
        ("word " * 1000, [3999, 999]),
    ],
)
def test_a_text_is_split(text, sizes):
    messages = say({"text": text})
    assert [utf16_units(each["text"]) for each in messages] == sizes
    assert "".join(each["text"] for each in messages).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "kind", [{}, {"buttons": [{"title": "T"}]}, {"quick_replies": [{"title": "T"}]}]
)
@pytest.mark.parametrize("line", ["x", "word and word", "\u2022 x ", WAVE])
@pytest.mark.parametrize("end", ["\n", "\r\n", "  \n"])
def test_a_text_of_many_lines_keeps_to_the_limit(kind, line, end):
    lines = [f"{number}{line}" for number in range(2000)]
    messages = say({"text": end.join(lines), **kind})
    shown = [each.get("text") or each["attachments"][0]["content"]["text"] for each in messages]
    assert max(map(utf16_units, shown)) <= MAX_TEXT
    assert len(shown) > 1
    found = [each.strip() for part in shown for each in re.split(r"  \n|<br>", part)]
    assert found == [each.strip() for each in lines]


def test_a_block_of_code_that_is_split_has_no_spaces_more():
    code = "\n".join(f"x = {number}" for number in range(900))
    messages = say({"text": f"See:\nhere\n```\n{code}\n```"})
    assert len(messages) > 1
    assert messages[0]["text"].startswith("See:  \nhere")
    inside = [
        line for each in messages for line in each["text"].split("\n") if line.startswith("x =")
    ]
    assert inside == code.split("\n")


@pytest.mark.parametrize(
    ("count", "cards"),
    [(6, [[6]]), (7, [[6, 1]]), (60, [[6] * 10]), (61, [[6] * 10, [1]])],
)
def test_no_button_is_left_out(count, cards):
    buttons = [{"title": f"T{n}", "payload": f"/p{n}"} for n in range(count)]
    messages = say({"text": "Pick", "buttons": buttons})
    shown = [[card["content"]["buttons"] for card in each["attachments"]] for each in messages]
    assert [[len(group) for group in message] for message in shown] == cards
    titles = [button["title"] for message in shown for group in message for button in group]
    assert titles == [button["title"] for button in buttons]
    assert max(map(max, cards)) <= MAX_BUTTONS
    assert messages[0]["attachments"][0]["content"]["text"] == "Pick"


def test_the_buttons_stand_below_the_end_of_a_long_text():
    first, second = say({"text": "word " * 1000, "buttons": [{"title": "T"}]})
    assert "attachments" not in first
    assert second["attachments"][0]["content"]["text"].startswith("word")


def test_suggested_actions_stand_below_the_end_of_a_long_text():
    response = {"text": "word " * 1000, "quick_replies": [{"title": "T"}]}
    first, second = say(response, name="suggested_action")
    assert "suggestedActions" not in first
    assert second["suggestedActions"]["actions"][0]["title"] == "T"


def test_a_long_title_stands_whole_above_its_button():
    title = "x" * 150
    [message] = say({"text": "Pick", "buttons": [{"title": title, "payload": "/p"}]})
    content = message["attachments"][0]["content"]
    assert content["text"] == f"Pick<br>{title}"
    assert len(content["buttons"][0]["title"]) == MAX_TITLE


def test_many_cards_are_several_carousels():
    messages = say({"elements": [{"title": f"T{n}"} for n in range(23)]})
    assert [len(each["attachments"]) for each in messages] == [10, 10, 3]
    assert {each["attachmentLayout"] for each in messages} == {"carousel"}


def test_an_elements_further_buttons_are_on_a_further_card():
    buttons = [{"title": f"T{n}"} for n in range(8)]
    [message] = say({"elements": [{"title": "E", "buttons": buttons}, {"title": "F"}]})
    contents = [card["content"] for card in message["attachments"]]
    assert [len(each.get("buttons", [])) for each in contents] == [6, 2, 0]
    assert [each.get("title") for each in contents] == ["E", None, "F"]


@given(
    sizes=st.lists(st.sampled_from([10, 3000, 9000, 30_000]), max_size=25),
    text=st.sampled_from(["", "hi", "word " * 2000]),
)
def test_messages_keep_to_their_size_and_nothing_is_lost(sizes, text):
    attachments = [{"contentType": "x", "content": f"{n}:{'y' * s}"} for n, s in enumerate(sizes)]
    actions = {"to": ["u"], "actions": []}
    activity = {"text": text, "attachments": attachments, "suggestedActions": actions, "speak": "s"}
    messages = within_limits(activity)
    found = [each for message in messages for each in message.get("attachments", [])]
    assert found == attachments
    for message in messages:
        group = message.get("attachments", [])
        assert len(group) <= MAX_ATTACHMENTS
        assert len(group) <= 1 or sum(len(json.dumps(a)) for a in group) <= MAX_ATTACHMENTS_SIZE
        assert utf16_units(message.get("text", "")) <= MAX_TEXT
        assert message["speak"] == "s"
    said = "".join(message.get("text", "") for message in messages)
    assert said.replace(" ", "") == text.replace(" ", "")
    assert ["suggestedActions" in each for each in messages] == [False] * (len(messages) - 1) + [
        True
    ]


def test_a_mention_stays_with_its_text():
    mention = {"type": "mention", "text": "<at>Ann</at>", "mentioned": {"id": "29:1ann"}}
    note = {"type": "https://schema.org/Message"}
    text = f"{'word ' * 900}<at>Ann</at>"
    first, second = within_limits({"text": text, "entities": [mention, note]})
    assert first["entities"] == [note]
    assert second["entities"] == [mention, note]


def test_a_changed_message_that_is_too_long_goes_on_in_new_ones():
    first, second = within_limits({"id": "7", "text": "word " * 1000})
    assert first["id"] == "7"
    assert "id" not in second


@pytest.mark.parametrize(
    "activity",
    [
        {"type": "event", "text": "x" * 5000},
        {"text": 5, "attachments": 7},
        {"text": "x", "attachments": []},
        {"attachments": [{"content": "x" * 90_000}]},
    ],
)
def test_what_cannot_be_split_stays_as_it_is(activity):
    assert within_limits(activity) == [activity]


def test_entities_of_another_shape_are_no_mistake():
    assert len(within_limits({"text": "word " * 1000, "entities": 5})) == 2
    first, second = within_limits({"text": "word " * 1000, "entities": [5, {"text": 7}]})
    assert first["entities"] == second["entities"] == [5, {"text": 7}]


@given(payload=st.text(min_size=1, max_size=1200))
def test_a_buttons_payload_is_short_and_stands_for_one_payload(payload):
    found = short(payload, KeyValueStore())
    assert len(found.encode("utf-8", "surrogatepass")) <= MAX_PAYLOAD
    assert is_key(found) or found == payload
    assert short(payload, None) == payload, "where nothing can be remembered"


def test_a_payload_that_looks_like_a_key_cannot_be_taken_for_another_one():
    key = short("x" * 2000, KeyValueStore())
    assert is_key(key)
    assert short(key, KeyValueStore()) not in (key, "x" * 2000)
