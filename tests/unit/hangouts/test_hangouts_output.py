"""What the bot says, as messages of Google Chat."""

import json

import pytest

from channels.hangouts.cards import MAX_PAYLOAD, MAX_TITLE, MAX_URL, MAX_WIDGETS
from channels.hangouts.messages import MAX_SIZE, packed, size
from channels.messages.payloads import LIFETIME, key_of
from tests.unit.hangouts.google import ENDPOINT
from tests.unit.hangouts.space import KeyValueStore, button, buttons, card, say, spoken

IMAGE = "https://example.com/i.png"
YES = {"title": "Yes", "payload": "/affirm"}
NO = {"title": "No", "payload": "/deny"}


def paragraph(text):
    return {"textParagraph": {"text": text}}


def image(url=IMAGE):
    return {"image": {"imageUrl": url}}


def link(title, url):
    return {"text": title, "onClick": {"openLink": {"url": url}}}


#: A bot's response, and the message it becomes.
GOLDEN = {
    "a text": ({"text": "hi \u00e9 *bold* <b>"}, {"text": "hi \u00e9 *bold* <b>"}),
    "paragraphs": ({"text": "one\n\ntwo"}, {"text": "one\n\ntwo"}),
    "buttons": (
        {"text": "Pick", "buttons": [YES, NO]},
        {
            "text": "Pick",
            "cardsV2": card(buttons(button("Yes", "/affirm"), button("No", "/deny"))),
        },
    ),
    "quick replies": (
        {"text": "Pick", "quick_replies": [YES]},
        {"text": "Pick", "cardsV2": card(buttons(button("Yes", "/affirm")))},
    ),
    "buttons without a text": (
        {"buttons": [YES]},
        {"cardsV2": card(buttons(button("Yes", "/affirm")))},
    ),
    "buttons that lack a part": (
        {"text": "?", "buttons": [{"title": "Yes"}, {"payload": "/no"}, "Maybe", {}]},
        {
            "text": "?",
            "cardsV2": card(
                buttons(
                    button("Yes", "Yes"),
                    button("/no", "/no"),
                    button("Maybe", "Maybe"),
                    button("\u2026", "\u2026"),
                )
            ),
        },
    ),
    "a payload that is no text": (
        {"text": "?", "buttons": [{"title": "A", "payload": {"a": 1}}]},
        {"text": "?", "cardsV2": card(buttons(button("A", '{"a": 1}')))},
    ),
    "a link button": (
        {"text": "See", "buttons": [{"title": "Site", "url": "https://example.com"}]},
        {"text": "See", "cardsV2": card(buttons(link("Site", "https://example.com")))},
    ),
    "a link that Chat does not open": (
        {"text": "See", "buttons": [{"title": "Site", "url": "ftp://example.com"}]},
        {"text": "See", "cardsV2": card(buttons(button("Site", "ftp://example.com")))},
    ),
    "an image": ({"image": IMAGE}, {"cardsV2": card(image())}),
    "an image with a text": (
        {"text": "see", "image": IMAGE},
        {"text": "see", "cardsV2": card(image())},
    ),
    "an image that Chat does not show": (
        {"image": "http://example.com/i.png"},
        {"text": "Image: http://example.com/i.png"},
    ),
    "an image with what is read out": (
        {"image": IMAGE, "alt_text": "a cat"},
        {"cardsV2": card({"image": {"imageUrl": IMAGE, "altText": "a cat"}})},
    ),
    "an attachment": (
        {"attachment": "https://example.com/f.pdf"},
        {"text": "Attachment: https://example.com/f.pdf"},
    ),
    "a carousel": (
        {
            "elements": [
                {"title": "A & B", "subtitle": "one\ntwo", "image_url": IMAGE, "buttons": [YES]},
                {"title": "C", "image_url": "http://example.com/c.png"},
                {"subtitle": "only this"},
                {},
                "odd",
            ]
        },
        {
            "cardsV2": [
                {
                    "cardId": "card1",
                    "card": {
                        "sections": [
                            {
                                "widgets": [
                                    image(),
                                    paragraph("<b>A &amp; B</b><br>one<br>two"),
                                    buttons(button("Yes", "/affirm")),
                                ]
                            },
                            {
                                "widgets": [
                                    paragraph("http://example.com/c.png"),
                                    paragraph("<b>C</b>"),
                                ]
                            },
                            {"widgets": [paragraph("only this")]},
                            {"widgets": [paragraph('"odd"')]},
                        ]
                    },
                }
            ]
        },
    ),
    "a message of the Chat API": (
        {"custom": {"text": "hi", "accessoryWidgets": [buttons(link("S", "https://example.com"))]}},
        {"text": "hi", "accessoryWidgets": [buttons(link("S", "https://example.com"))]},
    ),
    "another custom JSON": ({"custom": {"a": 1}}, {"text": '{"a": 1}'}),
    "a custom list": ({"custom": [1]}, {"text": "[1]"}),
    "several kinds": (
        {"text": "Pick", "buttons": [YES], "image": IMAGE, "attachment": "a<b"},
        {
            "text": "Pick",
            "cardsV2": [
                *card(buttons(button("Yes", "/affirm"))),
                *card(image(), number=2),
                *card(paragraph("Attachment: a&lt;b"), number=3),
            ],
        },
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_response_is_one_message(name):
    response, message = GOLDEN[name]
    assert say(response) == [message]


@pytest.mark.parametrize("response", [{"text": " \n\n "}, {"elements": [{}]}, {}])
def test_nothing_is_said_where_there_is_nothing(response):
    assert say(response) == []


def test_an_add_ons_button_calls_the_endpoint():
    made = say({"text": "Pick", "buttons": [YES]}, "add_on_message")[0]["cardsV2"]
    assert made == card(buttons(button("Yes", "/affirm", ENDPOINT)))


def test_a_long_payload_is_remembered_and_the_button_carries_its_key():
    payload = "/order" + json.dumps({"note": "x" * MAX_PAYLOAD})
    memory = KeyValueStore()
    response = {"text": "?", "buttons": [{"title": "Order", "payload": payload}]}
    output = spoken(response, memory=memory)
    [made] = output.messages[0]["cardsV2"][0]["card"]["sections"][0]["widgets"]
    [shown] = made["buttonList"]["buttons"]
    parameters = {each["key"]: each["value"] for each in shown["onClick"]["action"]["parameters"]}
    assert parameters == {"payload": key_of(payload), "title": "Order"}
    assert memory == {key_of(payload): payload}
    assert memory.lifetimes == {LIFETIME}


def test_without_a_memory_a_button_with_a_long_payload_says_its_title():
    response = {"text": "?", "buttons": [{"title": "Order", "payload": "x" * (MAX_PAYLOAD + 1)}]}
    assert say(response)[0]["cardsV2"] == card(buttons(button("Order", "Order")))


def test_what_is_too_long_for_a_button_is_in_the_text():
    long = "t" * (MAX_TITLE + 1)
    url = "https://example.com/" + "u" * MAX_URL
    [message] = say(
        {"text": "?", "buttons": [{"title": long, "payload": "/a"}, {"title": "L", "url": url}]}
    )
    assert long in message["text"]
    assert url in message["text"]
    shown = message["cardsV2"][0]["card"]["sections"][0]["widgets"][0]["buttonList"]["buttons"]
    assert [len(each["text"]) <= MAX_TITLE for each in shown] == [True, True]
    assert shown[0]["text"].startswith("1. ttt")


def contents(messages):
    """All texts and payloads of messages, as one."""
    return json.dumps(messages, ensure_ascii=False)


def widgets(message):
    cards = [each["card"] for each in message.get("cardsV2", [])]
    return [
        [widget for section in each["sections"] for widget in section["widgets"]] for each in cards
    ]


@pytest.mark.parametrize(
    "response",
    [
        {"text": "\u00e9 word. " * 20_000},
        {"text": '"\\\n' * 20_000},
        {"text": "<&>" * 20_000},
        {"text": "x", "buttons": [{"title": f"b{n}", "payload": f"/p{n}"} for n in range(1000)]},
        {"text": "x", "buttons": [{"title": "t" * 5000, "payload": f"/p{n}"} for n in range(40)]},
        {"elements": [{"title": f"t{n}", "image_url": IMAGE} for n in range(300)]},
        {"elements": [{"title": "t" * 40_000, "subtitle": "s" * 40_000, "buttons": [YES] * 500}]},
        {"elements": [{"title": "t", "buttons": [{"title": "b" * 3000, "payload": "/p"}]}]},
        {"elements": [{"title": "t", "image_url": IMAGE, "buttons": [YES] * 500}]},
        {"elements": [{"title": "&" * 1990, "image_url": IMAGE, "buttons": [YES] * 70}]},
        {"elements": [{"image_url": "http://example.com/" + "i" * 40_000}]},
        {"image": "https://example.com/" + "i" * 40_000},
    ],
    ids=[
        "text",
        "escapes",
        "markup",
        "buttons",
        "titles",
        "cards",
        "card",
        "title",
        "clicks",
        "full",
        "link",
        "image",
    ],
)
def test_nothing_is_longer_than_a_message_can_be(response):
    messages = say(response)
    assert messages
    for message in messages:
        assert size(message) <= MAX_SIZE
        assert all(len(each) <= MAX_WIDGETS for each in widgets(message))


def test_no_button_and_no_section_is_left_out():
    many = [{"title": f"b{n}", "payload": f"/p{n};"} for n in range(1000)]
    said = contents(say({"text": "x", "buttons": many}))
    assert all(each["payload"] in said for each in many)
    cards = [{"title": f"t{n};", "subtitle": f"s{n};", "buttons": [YES]} for n in range(300)]
    said = contents(say({"elements": cards}))
    assert all(each["title"] in said and each["subtitle"] in said for each in cards)


def test_a_long_text_is_split_where_it_may_be():
    text = "A sentence of some words. " * 3000
    parts = [message["text"] for message in say({"text": text})]
    assert len(parts) > 1
    assert " ".join(parts).split() == text.split()
    assert all(part.endswith(".") for part in parts)


def test_what_is_said_after_a_card_stays_after_it():
    messages = [{"text": "a"}, {"text": "b"}, *say({"image": IMAGE}), {"text": "c\n<d>"}]
    assert packed(messages) == [
        {
            "text": "a\n\nb",
            "cardsV2": [*card(image()), *card(paragraph("c<br>&lt;d&gt;"), number=2)],
        }
    ]


def test_messages_that_cannot_be_one_stay_apart():
    private = {"text": "a", "privateMessageViewer": {"name": "users/1"}}
    other = {"text": "b", "privateMessageViewer": {"name": "users/2"}}
    assert packed([private, private, other]) == [{**private, "text": "a\n\na"}, other]
    big = {"text": "x" * 20_000}
    assert packed([big, big, {"text": "y"}]) == [big, {"text": f"{'x' * 20_000}\n\ny"}]
    assert packed([]) == []
