"""Slack's limits: kept by what is sent, and nothing of what the bot says is left out.

slack_sdk's own models check the blocks.
"""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from channels.slack.output import SlackBot
from channels.turns.parts import Parts
from tests.unit.slack.workspace import KeyValueStore

TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)
PAYLOADS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


class Api:
    """Takes every call."""

    def __init__(self):
        self.calls = []

    def call(self, method, arguments):
        json.dumps(arguments).encode()
        self.calls.append(arguments)
        return {"ok": True, "ts": str(len(self.calls))}


def said(message, memory=None):
    """The messages that a bot message becomes."""
    api = Api()
    output = SlackBot("xoxb", "C1", api=api, memory=memory)
    asyncio.run(output.send_response("U1", message))
    return api.calls


def blocks_of(calls):
    return [block for call in calls for block in call.get("blocks", [])]


def elements_of(calls):
    blocks = blocks_of(calls)
    return [each for block in blocks for each in block.get("elements", [])]


def choices_of(calls):
    """(label, value) of all buttons and options, in order."""
    return [
        (choice["text"]["text"], choice["value"])
        for element in elements_of(calls)
        for choice in element.get("options", [element])
    ]


def assert_within_limits(calls):
    for call in calls:
        assert call["text"]
        blocks = call.get("blocks", [])
        assert len(blocks) <= 50
        for parsed in Block.parse_all(blocks):
            parsed.validate_json()
            for element in getattr(parsed, "elements", []):
                element.validate_json()
        assert sum(len(json.dumps(each, ensure_ascii=False)) for each in blocks) < 40_000
        ids = [element["action_id"] for block in blocks for element in block.get("elements", [])]
        assert len(ids) == len(set(ids))


def buttons(count, title="Title", payload="/p"):
    return [{"title": f"{title} {n}", "payload": f"{payload}{n}"} for n in range(count)]


@pytest.mark.parametrize(
    ("count", "messages", "rows"),
    [(1, 1, [1]), (5, 1, [5]), (6, 1, [6]), (25, 1, [25]), (26, 1, [25, 1]), (50, 1, [25, 25])],
)
def test_up_to_50_buttons_are_buttons(count, messages, rows):
    calls = said({"text": "Pick", "buttons": buttons(count)})
    assert len(calls) == messages
    actions = [block for block in blocks_of(calls) if block["type"] == "actions"]
    assert [len(block["elements"]) for block in actions] == rows
    assert_within_limits(calls)


@pytest.mark.parametrize(("count", "options"), [(51, [51]), (100, [100]), (250, [100, 100, 50])])
def test_more_are_menus(count, options):
    calls = said({"text": "Pick", "buttons": buttons(count)})
    menus = elements_of(calls)
    assert {menu["type"] for menu in menus} == {"static_select"}
    assert [len(menu["options"]) for menu in menus] == options
    assert menus[0]["placeholder"]["text"].startswith("Title 0 … ")
    assert_within_limits(calls)


def test_large_buttons_go_to_further_messages():
    large = buttons(25, payload="/" + "x" * 1900)
    calls = said({"text": "Pick", "buttons": large})
    assert len(calls) > 1
    assert [value for _, value in choices_of(calls)] == [each["payload"] for each in large]
    assert_within_limits(calls)
    for call in calls:
        assert sum(len(value) for _, value in choices_of([call])) < 13_200


def test_many_link_buttons_stay_buttons():
    links = [{"title": f"T{n}", "url": f"https://x.io/{n}"} for n in range(60)]
    calls = said({"text": "Pick", "buttons": links})
    assert [element["url"] for element in elements_of(calls)] == [each["url"] for each in links]
    assert_within_limits(calls)


def test_a_title_that_is_too_long_is_told_in_the_text():
    title = "A very long title " * 9
    calls = said(
        {"text": "Pick", "buttons": [{"title": "Short", "payload": "/s"}, {"title": title}]}
    )
    [call] = calls
    assert title.strip() in call["blocks"][0]["text"]["text"]
    assert choices_of(calls)[1][0].startswith("2. A very long title")
    assert_within_limits(calls)


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    titles=st.lists(st.tuples(TITLES, PAYLOADS), min_size=1, max_size=70),
)
def test_every_button_is_there_and_says_its_payload(text, titles):
    memory = KeyValueStore()
    given_buttons = [{"title": title, "payload": payload} for title, payload in titles]
    calls = said({"text": text, "buttons": given_buttons}, memory)
    assert_within_limits(calls)
    choices = choices_of(calls)
    payloads = [memory.get(value) or value for _, value in choices]
    assert payloads == [payload for _, payload in titles]
    shown = json.dumps(calls, ensure_ascii=False)
    for title, payload in titles:
        assert json.dumps(title.strip() or payload.strip(), ensure_ascii=False)[1:-1] in shown


@pytest.mark.parametrize("length", [1, 3999, 4000, 4001, 12_000, 50_000])
def test_a_long_text_is_split(length):
    calls = said({"text": "x" * length})
    assert "".join(call["text"] for call in calls) == "x" * length
    assert max(len(call["text"]) for call in calls) <= 4000


def test_a_text_is_measured_as_it_is_sent():
    calls = said({"text": "<&>" * 2000})
    assert max(len(call["text"]) for call in calls) <= 4000
    assert "".join(call["text"] for call in calls) == "&lt;&amp;&gt;" * 2000


def test_a_long_text_with_buttons_is_split_before_them():
    text = " ".join(["word"] * 1500)
    calls = said({"text": text, "buttons": buttons(1)})
    assert len(calls) > 1
    assert "blocks" not in calls[0]
    shown = [calls[-1]["blocks"][0]["text"]["text"]]
    assert " ".join([call["text"] for call in calls[:-1]] + shown) == text
    assert choices_of(calls) == [("Title 0", "/p0")]
    assert_within_limits(calls)


def test_custom_blocks_go_50_a_message():
    blocks = [{"type": "divider", "block_id": str(number)} for number in range(120)]
    calls = said({"custom": {"text": "t", "blocks": blocks}})
    assert [len(call["blocks"]) for call in calls] == [50, 50, 20]
    assert blocks_of(calls) == blocks
    assert_within_limits(calls)


@given(st.text(st.characters(exclude_characters="&<>`", exclude_categories=["Cs"]), max_size=500))
def test_any_text_can_be_sent(text):
    kept = "".join(call["text"] for call in said({"text": text * 20}))
    assert "".join(kept.split()) == "".join((text * 20).split())


@given(sent=st.integers(0, 8))
def test_a_turn_goes_on_after_any_part(sent):
    message = {"text": "one\n\ntwo", "buttons": buttons(25, payload="/" + "x" * 1900)}
    whole = said(message)
    api, marks = Api(), []
    output = SlackBot("xoxb", "C1", api=api)
    output.parts = Parts(sent, lambda parts, platform_id: marks.append(platform_id))
    asyncio.run(output.send_response("U1", message))
    assert api.calls == whole[sent:]
    assert len(marks) == len(api.calls)
    assert all(marks)


def test_what_the_agent_said_is_left_as_it_is():
    message = {"text": "t", "buttons": buttons(3), "custom": {"blocks": [{"type": "divider"}]}}
    before = json.dumps(message)
    said(message)
    assert json.dumps(message) == before
