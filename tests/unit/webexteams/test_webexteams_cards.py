"""Our cards, judged by Microsoft's own renderer of adaptive cards."""

from itertools import batched

from channels.webexteams.cards import cards, element_body, text_block
from tests.node_scripts import run_node

BUTTONS = [
    {"title": "Yes", "payload": "/affirm"},
    {"title": "Site", "url": "https://example.com"},
    {"title": "Long \u00e9", "payload": "/p" * 5000},
    {"payload": "/deny"},
    "Maybe",
    {},
]
TITLES = ["Yes", "Site", "Long \u00e9", "/deny", "Maybe", "\u2026"]
ELEMENT = {
    "title": "T",
    "subtitle": "S",
    "image_url": "https://example.com/i.png",
}
BODIES = [
    [],
    [text_block("Pick")],
    [text_block("**two**\n\nparagraphs " * 250)],
    element_body(ELEMENT),
    element_body({"image_url": "https://example.com/i.png"}),
]


def contents(body, buttons):
    return [card.attachment["content"] for card in cards(body, buttons)]


def judged(documents):
    return run_node("webex_cards.mjs", documents)


def test_every_card_is_valid_and_shows_all_of_it():
    verdicts = judged([card for body in BODIES for card in contents(body, BUTTONS)])
    assert [verdict["failures"] for verdict in verdicts] == [[]] * 2 * len(BODIES)
    for body, (first, second) in zip(BODIES, batched(verdicts, 2, strict=True), strict=True):
        texts = [part["text"] for part in body if part["type"] == "TextBlock"]
        assert first["texts"] + second["texts"] == texts
        actions = first["actions"] + second["actions"]
        assert [action["title"] for action in actions] == TITLES
        assert actions[0]["data"] == {"payload": "/affirm"}
        assert actions[1]["url"] == "https://example.com"


def test_the_judge_finds_what_is_wrong():
    [card] = contents([text_block("Pick")], BUTTONS[:1])
    six = {**card, "actions": card["actions"] * 6}
    unknown = {**card, "body": [{"type": "Hologram"}]}
    newer = {**card, "actions": [{"type": "Action.Execute", "title": "T"}]}
    assert all(verdict["failures"] for verdict in judged([six, unknown, newer]))
