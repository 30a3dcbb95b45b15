"""Long texts, many buttons, whatever else: within the server's limits, and nothing left out."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messages.text import utf16_units
from channels.rocketchat.attachments import Buttons, card, for_visitors, within
from channels.rocketchat.output import RocketChatBot
from tests.unit.rocketchat.server import LIVECHAT, MAX_SIZE, fault_of, say

WAVE = "\U0001f44b"
LINK = {"type": "button", "text": "See", "url": "https://example.com"}


def letters(text):
    return "".join(text.split())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 5000, 1),
        ("a" * 5001, 2),
        (WAVE * 2500, 1),
        (WAVE * 2501, 2),
        ("word " * 3000, 3),
        ("a" * 5000 + "\n\n" + "b" * 5000, 2),
    ],
)
def test_long_texts_are_several_messages(text, count):
    posts = say({"text": text})
    assert len(posts) == count
    assert all(utf16_units(each["text"]) <= MAX_SIZE for each in posts)
    assert letters("".join(each["text"] for each in posts)) == letters(text)


def test_the_limit_is_the_servers():
    posts = say({"text": "word " * 100}, max_message_size=100)
    assert len(posts) > 4
    assert all(len(each["text"]) <= 100 for each in posts)


def test_a_long_text_keeps_its_buttons_with_its_end():
    *parts, last = say({"text": "word " * 2000, "buttons": [{"title": "Yes"}]})
    assert parts
    assert all("attachments" not in each for each in parts)
    assert last["attachments"][0]["actions"][0]["text"] == "Yes"


def test_many_buttons_are_all_there():
    buttons = [{"title": f"B{number}", "payload": f"/b{number}"} for number in range(200)]
    [post] = say({"text": "Pick", "buttons": buttons})
    assert [each["text"] for each in post["attachments"][0]["actions"]] == [
        each["title"] for each in buttons
    ]


def test_many_cards_are_all_there():
    [post] = say({"elements": [{"title": "T"}] * 60})
    assert len(post["attachments"]) == 60


@pytest.mark.parametrize(
    "response",
    [
        {"elements": [{"title": "T", "subtitle": "word " * 2500, "buttons": [{"title": "Yes"}]}]},
        {"attachment": {"title": "T", "text": "word " * 2500, "actions": [LINK]}},
        {"custom": {"attachments": [{"title": "T", "text": "word " * 2500, "actions": [LINK]}]}},
    ],
)
def test_an_attachment_with_a_long_text_becomes_several_with_the_buttons_last(response):
    [post] = say(response)
    attachments = post["attachments"]
    assert len(attachments) == 3
    assert letters("".join(each["text"] for each in attachments)) == letters("word " * 2500)
    assert ["actions" in each for each in attachments] == [False, False, True]


def test_long_custom_texts_keep_options_and_place():
    custom = {
        "text": "word " * 2000,
        "alias": "Bot",
        "channel": "#ops",
        "attachments": [{"title": "T"}],
    }
    *parts, last = say({"custom": custom})
    assert len(parts) == 1
    assert [(each["alias"], each["channel"]) for each in (*parts, last)] == [("Bot", "#ops")] * 2
    assert last["attachments"] == [{"title": "T"}]


def test_a_long_custom_message_that_is_not_for_rocketchat():
    posts = say({"custom": {"a": "word " * 2000}})
    assert letters("".join(each["text"] for each in posts)) == letters(
        '{"a": "' + "word " * 2000 + '"}'
    )


def test_a_visitor_reads_all_of_a_long_list_of_buttons():
    buttons = [{"title": f"B{number}" * 20, "payload": f"/b{number}"} for number in range(200)]
    posts = say({"text": "Pick", "buttons": buttons}, reply_to=LIVECHAT)
    assert len(posts) > 1
    read = "\n".join(each["text"] for each in posts)
    assert all(f"{number + 1}: {each['title']}" in read for number, each in enumerate(buttons))


WORDS = st.text(alphabet=st.characters(codec="utf-8"), max_size=300)
VALUES = st.none() | WORDS | st.integers() | st.just("https://example.com/a.png")
BUTTONS = st.lists(
    st.dictionaries(st.sampled_from(["title", "payload", "url", "type"]), VALUES, max_size=4),
    max_size=4,
)
ELEMENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "title": WORDS,
            "subtitle": VALUES,
            "image_url": VALUES,
            "default_action": VALUES | st.fixed_dictionaries({"url": VALUES}),
            "buttons": st.none() | BUTTONS,
        },
    ),
    max_size=4,
)


def buttons_of(limit):
    return Buttons("", limit, None)


@given(elements=ELEMENTS, limit=st.integers(100, 400))
def test_any_cards_are_what_the_server_takes(elements, limit):
    made = within(limit, [card(each, buttons_of(limit)) for each in elements])
    assert fault_of({"roomId": "r", "attachments": made}) is None
    assert all(utf16_units(each.get("text", "")) <= limit for each in made)
    said = letters("".join(str(each.get("text", "")) for each in made))
    for element in elements:
        assert letters(str(element.get("subtitle") or "")) in said


@given(elements=ELEMENTS)
def test_any_cards_are_what_a_visitor_reads(elements):
    text, shown = for_visitors("", [card(each, buttons_of(5000)) for each in elements])
    assert fault_of({"roomId": "r", "attachments": shown}) is None
    assert all("actions" not in each for each in shown)
    for element in elements:
        for button in element.get("buttons") or []:
            assert str(button.get("title") or "") in text


@given(buttons=BUTTONS, text=WORDS, trigger_word=st.sampled_from(["", "!bot"]))
def test_any_buttons_are_what_the_server_takes(buttons, text, trigger_word):
    made = Buttons(trigger_word, 5000, None)
    actions = [made.action(each) for each in buttons]
    assert fault_of({"roomId": "r", "text": text, "attachments": [{"actions": actions}]}) is None
    assert not any(each.get("msg", "").startswith("/") for each in actions)


@given(text=st.text(max_size=2000), limit=st.integers(100, 300))
def test_any_text_is_whole(text, limit):
    api = Recorder()
    output = RocketChatBot("u", "p", "http://127.0.0.1", api=api, max_message_size=limit)
    asyncio.run(output.send_text_message("r", text))
    assert all(0 < utf16_units(each["text"]) <= limit for each in api.posts)
    if "```" not in text:
        assert letters("".join(each["text"] for each in api.posts)) == letters(text)


class Recorder:
    """Takes posts without a server."""

    def __init__(self):
        self.posts = []

    def post_message(self, message):
        self.posts.append(message)
        return "m1"
