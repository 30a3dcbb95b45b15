"""What is sent, judged by Microsoft's own schema of activities and its reader of Adaptive Cards."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.botframework.output import BotFramework
from tests.node_scripts import run_node

CHANNELS = ("msteams", "webchat", "directline", "emulator", "facebook", "")
IMAGE = "https://example.com/i.png"
CARD = {
    "type": "AdaptiveCard",
    "version": "1.4",
    "body": [
        {"type": "TextBlock", "text": "When?", "wrap": True},
        {"type": "Input.Date", "id": "date"},
    ],
    "actions": [{"type": "Action.Submit", "title": "Book", "data": {"payload": "/book"}}],
}


class Connector:
    """Takes every activity."""

    def __init__(self):
        self.sent = []

    def send(self, service_url, conversation_id, activity, method):
        self.sent.append(activity)
        return str(len(self.sent))


def say(response, channel_id, conversation_type="personal"):
    connector = Connector()
    output = BotFramework(
        "app",
        "password",
        {"id": "c", "conversationType": conversation_type},
        {"id": "b"},
        "https://smba.example.com/",
        user={"id": "u"},
        channel_id=channel_id,
        activity_id="1",
        connector=connector,
    )
    asyncio.run(output.show_typing("u"))
    asyncio.run(output.send_response("u", response))
    return connector.sent


TEXTS = st.text(min_size=1, max_size=60)
BUTTONS = st.lists(
    st.fixed_dictionaries({"title": TEXTS}, optional={"payload": TEXTS, "url": st.just(IMAGE)}),
    min_size=1,
    max_size=15,
)
ELEMENTS = st.lists(
    st.fixed_dictionaries(
        {"title": TEXTS},
        optional={
            "subtitle": TEXTS,
            "image_url": st.just(IMAGE),
            "default_action": st.just({"type": "web_url", "url": IMAGE}),
            "buttons": BUTTONS,
        },
    ),
    min_size=1,
    max_size=12,
)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS | st.just("word " * 2000),
        "buttons": BUTTONS,
        "quick_replies": BUTTONS,
        "image": st.just(IMAGE),
        "attachment": st.sampled_from([IMAGE, "https://example.com/a.pdf", "a", {"a": 1}]),
        "elements": ELEMENTS,
        "custom": st.sampled_from([CARD, [CARD], {"text": "x"}, {"a": 1}, {"type": "event"}]),
    },
)


def samples(strategy, count):
    """So many examples of a strategy, for a judge that is started once."""
    taken = []

    @settings(max_examples=count, database=None, derandomize=True)
    @given(strategy)
    def take(example):
        taken.append(example)

    take()
    return taken


def test_every_activity_is_one_to_microsofts_schema():
    sent = [
        activity
        for number, response in enumerate(samples(RESPONSES, 150))
        for activity in say(
            response,
            CHANNELS[number % len(CHANNELS)],
            ("personal", "groupChat", "channel", "")[number % 4],
        )
    ]
    assert len(sent) > 300
    findings = run_node("activities.mjs", sent)
    assert [(found, each) for found, each in zip(findings, sent, strict=True) if found] == []


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "message", "from": {"id": "b"}},
        {
            "type": "hello",
            "from": {"id": "b"},
            "recipient": {"id": "u"},
            "conversation": {"id": "c"},
        },
    ],
)
def test_the_schema_finds_what_is_wrong(odd):
    [findings] = run_node("activities.mjs", [odd])
    assert findings


def test_rasas_buttons_are_none_to_the_schema():
    [activity] = say({"text": "?", "buttons": [{"title": "T", "payload": "/p"}]}, "msteams")[1:]
    activity["attachments"][0]["content"]["buttons"] = [{"title": "T", "payload": "/p"}]
    [findings] = run_node("activities.mjs", [activity])
    assert any(found.startswith("action") for found in findings)


def test_adaptive_cards_arrive_as_the_bot_wrote_them():
    [activity] = say({"custom": CARD}, "msteams")[1:]
    card = activity["attachments"][0]["content"]
    good, bad = run_node("adaptive_cards.mjs", [card, {**CARD, "body": [{"type": "Nothing"}]}])
    assert good == []
    assert bad != []
