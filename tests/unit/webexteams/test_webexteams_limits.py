"""Webex's limits: kept, and nothing is left out to keep them."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.messages.payloads import LIFETIME, key_of
from channels.webexteams.cards import MAX_ACTIONS
from channels.webexteams.custom_json import MAX_TEXT, messages_of
from channels.webexteams.output import WebexTeamsBot
from channels.webexteams.payloads import MAX_PAYLOAD, said_by
from tests.unit.webexteams.webex import ROOM, KeyValueStore, answer, refused, say

IMAGE = "https://example.com/i.png"


class Api:
    """Takes every message, without a network."""

    def __init__(self):
        self.posted = []

    def post_message(self, message):
        self.posted.append(message)
        return "OUT1"


def posted(response, memory=None):
    """The messages of a response, each checked against what Webex documents."""
    api = Api()
    output = WebexTeamsBot("t", api=api, reply_to={"roomId": ROOM}, memory=memory)
    sending = output.send_response(ROOM, response)
    with pytest.raises(StopIteration):
        sending.send(None)
    for message in api.posted:
        check(message)
    return api.posted


def check(message):
    assert any(message.get(key) for key in ("text", "markdown", "files"))
    for key in ("text", "markdown"):
        assert len(message.get(key, "").encode()) <= MAX_TEXT
    assert len(message.get("files", [])) <= 1
    assert len(message.get("attachments", [])) <= 1
    for attachment in message.get("attachments", []):
        assert message.get("text"), "for those who cannot see the card"
        assert len(attachment["content"]["actions"]) <= 5


def actions(messages):
    return [
        action
        for message in messages
        for attachment in message.get("attachments", [])
        for action in attachment["content"]["actions"]
    ]


@pytest.mark.parametrize("character", ["a", "\u00e9", "\u20ac", "\U0001f600"])
@pytest.mark.parametrize("kind", ["text", "buttons"])
def test_a_text_is_split_at_its_bytes(character, kind):
    most = MAX_TEXT // len(character.encode())
    buttons = {"buttons": [{"title": "T", "payload": "/p"}]} if kind == "buttons" else {}
    assert len(posted({"text": character * most, **buttons})) == 1
    messages = posted({"text": character * (most + 1), **buttons})
    assert [len(message["text"]) for message in messages] == [most, 1]
    assert len(actions(messages)) == len(buttons.get("buttons", []))


def test_line_ends_count_with_what_keeps_them():
    messages = posted({"text": "\n".join(["a" * 9] * 1500)})
    assert "\n".join(message["text"] for message in messages) == "\n".join(["a" * 9] * 1500)


@given(text=st.text(st.sampled_from("ab\u00e9\U0001f600 \n`<@all>.*"), max_size=300),
       repeated=st.integers(1, 80))  # fmt: skip
def test_nothing_of_a_text_is_lost(text, repeated):
    messages = posted({"text": text * repeated})
    shown = "".join("".join(message["text"] for message in messages).split())
    given = "".join((text * repeated).split())
    assert shown.replace("`", "") == given.replace("`", ""), "but marks of code blocks are repeated"


@pytest.mark.parametrize("count", [1, 4, 5, 6, 10, 11, 57])
def test_buttons_of_any_number_are_all_there(count):
    buttons = [{"title": f"T{number}", "payload": f"/p{number}"} for number in range(count)]
    messages = posted({"text": "Pick", "buttons": buttons})
    assert len(messages) == -(-count // MAX_ACTIONS)
    assert [action["data"]["payload"] for action in actions(messages)] == [
        f"/p{number}" for number in range(count)
    ]


def test_further_cards_have_their_titles_as_stand_in():
    buttons = [{"title": f"T{number}", "payload": "/p"} for number in range(1, 8)]
    assert [each["text"] for each in posted({"text": "Pick", "buttons": buttons})] == [
        "Pick",
        "T6, T7",
    ]


def test_buttons_of_refused_cards_are_numbered_on():
    buttons = [{"title": f"T{number}", "payload": f"/p{number}"} for number in range(1, 7)]
    _, first, _, second = say(
        {"text": "Pick", "buttons": buttons},
        refused(400),
        answer({"id": "OUT1", "roomId": ROOM}),
        refused(400),
    )
    assert first["text"].startswith("Pick\n1: T1 (/p1)\n2: T2 (/p2)")
    assert second["text"] == "6: T6 (/p6)"


def test_a_long_payload_is_remembered_and_the_same_when_rendered_again():
    memory = KeyValueStore()
    payload = "/long" + "\u00e9" * MAX_PAYLOAD
    button = {"title": "Yes", "payload": payload}
    first = posted({"text": "?", "buttons": [button]}, memory)
    assert first == posted({"text": "?", "buttons": [button]}, memory)
    [action] = actions(first)
    assert action["data"] == {"payload": key_of(payload), "title": "Yes"}
    assert memory == {key_of(payload): payload}
    assert memory.lifetimes == {LIFETIME}
    assert said_by(action["data"], memory) == payload


@pytest.mark.parametrize("extra", [0, 1])
def test_where_a_payload_begins_to_be_long(extra):
    memory = KeyValueStore()
    posted({"text": "?", "buttons": [{"title": "T", "payload": "x" * (MAX_PAYLOAD + extra)}]},
           memory)  # fmt: skip
    assert len(memory) == extra


def test_a_payload_that_looks_like_a_key_is_remembered_too():
    memory = KeyValueStore()
    payload = key_of("another")
    [action] = actions(posted({"text": "?", "buttons": [{"payload": payload}]}, memory))
    assert said_by(action["data"], memory) == payload


def test_without_a_memory_a_long_payload_says_the_buttons_title():
    [action] = actions(posted({"text": "?", "buttons": [{"title": "T", "payload": "x" * 9999}]}))
    assert said_by(action["data"], None) == "T"


def test_a_long_element_is_its_image_and_its_text():
    element = {"title": "T" * 9000, "subtitle": "S", "image_url": IMAGE,
               "buttons": [{"title": "Yes", "payload": "/affirm"}]}  # fmt: skip
    image, *texts = posted({"elements": [element]})
    assert image["files"] == [IMAGE]
    assert "".join(each["text"] for each in texts) == f"{'T' * 9000} : S"
    assert len(actions(texts)) == 1


def test_titles_of_any_length_have_a_stand_in_that_fits():
    buttons = [{"title": "T" * 5000, "payload": "/p"}] * 3
    [message] = posted({"buttons": buttons})
    assert [action["title"] for action in actions([message])] == ["T" * 5000] * 3


def test_where_the_lines_of_a_refused_card_do_not_fit_its_text_is_sent():
    buttons = [{"title": "T" * 3000, "payload": "/p"}] * 3
    _, simpler = say({"text": "Pick", "buttons": buttons}, refused(400))
    assert simpler == {"roomId": ROOM, "markdown": "Pick", "text": "Pick"}


def test_an_image_address_that_is_too_long_has_no_simpler_form():
    url = f"https://example.com/{'x' * MAX_TEXT}"
    assert posted({"image": url}) == [{"roomId": ROOM, "files": [url]}]


CUSTOM = {
    "a long text": ({"text": "a" * 8000}, [{"text": "a" * MAX_TEXT}, {"text": "a" * 561}]),
    "a long markdown with its stand-in": (
        {"markdown": "m" * 8000, "text": "t"},
        [{"markdown": "m" * MAX_TEXT}, {"markdown": "m" * 561}],
    ),
    "a long text with a file": (
        {"text": "a" * 8000, "files": [IMAGE], "parentId": "P"},
        [
            {"text": "a" * MAX_TEXT, "parentId": "P"},
            {"text": "a" * 561, "files": [IMAGE], "parentId": "P"},
        ],
    ),
}


@pytest.mark.parametrize("name", CUSTOM)
def test_custom_json_is_kept_within_the_limits(name):
    custom, messages = CUSTOM[name]
    assert messages_of(custom) == messages


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children),
    max_leaves=6,
)
KEYS = ["text", "markdown", "html", "files", "attachments", "roomId", "x"]


@given(custom=st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
@example(custom={"text": 1, "files": {}})
def test_any_custom_json_is_messages_or_text(custom):
    before = json.dumps(custom)
    messages = messages_of(custom)
    assert json.dumps(custom) == before
    for message in messages:
        assert len(message.get("files", [])) <= 1
        assert len(message.get("attachments", [])) <= 1
