"""The platform's limits are kept and nothing is dropped, whatever an agent says."""

import json

import pytest
from fbmessenger import MessengerClient, attachments, elements, quick_replies
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.facebook.graph import appsecret_proof
from channels.facebook.messages import (
    INSTAGRAM,
    MESSENGER,
    button_messages,
    card_messages,
    image_message,
    quick_reply_messages,
    text_messages,
)
from channels.facebook.payloads import with_keys
from tests.unit.facebook.send_api_rules import check
from tests.unit.facebook.vectors import PROOF, PROOF_TOKEN, SECRET

PLATFORMS = pytest.mark.parametrize(
    "limits", [MESSENGER, INSTAGRAM], ids=["messenger", "instagram"]
)


def buttons(count, title="T", payload="/p"):
    return [{"title": f"{title}{n}", "payload": f"{payload}{n}"} for n in range(count)]


def shown(messages):
    """All buttons and quick replies, in order."""
    found = []
    for message in messages:
        payload = message.get("attachment", {}).get("payload", {})
        found += payload.get("buttons", []) + message.get("quick_replies", [])
        found += [each for card in payload.get("elements", []) for each in card.get("buttons", [])]
    return found


def said(messages):
    """All texts, of messages, templates and cards."""
    texts = []
    for message in messages:
        payload = message.get("attachment", {}).get("payload", {})
        texts += [message.get("text"), payload.get("text")]
        for card in payload.get("elements", []):
            texts += [card["title"], card.get("subtitle")]
    return " ".join(filter(None, texts))


@pytest.mark.parametrize(
    ("text", "limits", "lengths"),
    [
        ("x" * 2000, MESSENGER, [2000]),
        ("x" * 2001, MESSENGER, [2000, 1]),
        ("😀" * 1000, MESSENGER, [1000]),
        ("😀" * 1001, MESSENGER, [1000, 1]),
        ("x" * 1000, INSTAGRAM, [1000]),
        ("x" * 1001, INSTAGRAM, [1000, 1]),
        ("é" * 501, INSTAGRAM, [500, 1]),
        ("😀" * 251, INSTAGRAM, [250, 1]),
    ],
)
def test_long_texts(text, limits, lengths):
    assert [len(message["text"]) for message in text_messages(text, limits)] == lengths


@pytest.mark.parametrize(("count", "groups"), [(1, [1]), (3, [3]), (4, [3, 1]), (8, [3, 3, 2])])
def test_more_than_three_buttons_go_to_further_messages(count, groups):
    messages = button_messages("Pick", buttons(count), MESSENGER)
    found = [message["attachment"]["payload"] for message in messages]
    assert [len(payload["buttons"]) for payload in found] == groups
    assert [payload["text"] for payload in found] == ["Pick", *["\u2026"] * (len(groups) - 1)]


def test_a_text_too_long_for_a_template_precedes_it():
    messages = button_messages("word " * 200, buttons(1), MESSENGER)
    assert [set(message) for message in messages] == [{"text"}, {"attachment"}]
    assert said(messages).split() == ["word"] * 200


def test_a_title_too_long_for_a_button_is_spelled_out():
    titles = ["Short", "Tell me about the premium plan"]
    [message] = button_messages("Pick", [{"title": t, "payload": t} for t in titles], MESSENGER)
    payload = message["attachment"]["payload"]
    assert payload["text"] == "Pick\n2: Tell me about the premium plan"
    assert [each["title"] for each in payload["buttons"]] == ["Short", "2: Tell me about\u2026"]
    assert [each["payload"] for each in payload["buttons"]] == titles


@pytest.mark.parametrize(("count", "kind"), [(13, "quick_replies"), (14, "attachment")])
def test_more_than_13_quick_replies_are_buttons_because_they_would_vanish(count, kind):
    messages = quick_reply_messages("Pick", buttons(count), MESSENGER)
    assert all(kind in message for message in messages)
    assert len(shown(messages)) == count


def test_quick_replies_follow_the_end_of_a_long_text():
    messages = quick_reply_messages("word " * 900, buttons(2), MESSENGER)
    assert ["quick_replies" in message for message in messages] == [False, False, True]


def test_more_than_ten_cards_go_to_further_messages():
    cards = [{"title": f"T{n}", "subtitle": "S"} for n in range(21)]
    messages = card_messages(cards, MESSENGER)
    sizes = [len(message["attachment"]["payload"]["elements"]) for message in messages]
    assert sizes == [10, 10, 1]


def test_what_does_not_fit_on_a_card_follows():
    card = {"title": "word " * 30, "subtitle": "S", "buttons": buttons(5)}
    carousel, text = card_messages([card], MESSENGER)
    [shown_card] = carousel["attachment"]["payload"]["elements"]
    assert len(shown_card["title"]) <= 80
    assert len(shown_card["buttons"]) == 3
    assert text["attachment"]["payload"]["text"].split() == [*["word"] * 30, "S"]
    assert [each["payload"] for each in shown([carousel, text])] == [f"/p{n}" for n in range(5)]


WORDS = st.text(st.sampled_from("abé😀👩‍👧 .\n`"), max_size=60).filter(str.strip)
LONG = st.builds(lambda text, times: text * times, WORDS, st.integers(1, 80))
URLS = st.sampled_from(["https://example.com/a.png", "https://example.com/b"])
PAYLOAD = st.builds(
    lambda text, times: "/" + text * times, st.text('xé"{}', min_size=1), st.integers(1, 400)
)
BUTTON = st.fixed_dictionaries({}, optional={"title": WORDS, "payload": PAYLOAD}) | st.builds(
    lambda title, url: {"title": title, "url": url}, WORDS, URLS
)
BUTTONS = st.lists(BUTTON, min_size=1, max_size=16)
CARD = st.fixed_dictionaries(
    {"title": LONG},
    optional={"subtitle": LONG, "image_url": URLS, "buttons": st.lists(BUTTON, max_size=7)},
)


def assert_accepted(messages, limits):
    for message in messages:
        check(with_keys(message)[0], instagram=limits is INSTAGRAM)


def assert_offered(messages, given_buttons):
    """Every button is there, in order, with its payload or URL."""
    wanted = [
        each.get("url") or each.get("payload") or each.get("title") or "\u2026"
        for each in given_buttons
    ]
    assert [each.get("url") or each["payload"] for each in shown(messages)] == wanted


def letters(text):
    return [character for character in text if not character.isspace() and character not in "…`"]


def assert_all_said(messages, text):
    """The letters of `text` are in the messages, in order."""
    rest = iter(letters(said(messages)))
    assert all(letter in rest for letter in letters(text))


@PLATFORMS
@settings(max_examples=40)
@given(text=LONG)
def test_any_text(limits, text):
    messages = text_messages(text, limits)
    assert_accepted(messages, limits)
    assert_all_said(messages, text)


@PLATFORMS
@settings(max_examples=40)
@given(text=st.none() | LONG, given_buttons=BUTTONS)
def test_any_buttons(limits, text, given_buttons):
    before = json.dumps(given_buttons)
    for render in (button_messages, quick_reply_messages):
        replies = [each for each in given_buttons if "url" not in each] or [{"title": "T"}]
        offered = given_buttons if render is button_messages else replies
        messages = render(text, offered, limits)
        assert_accepted(messages, limits)
        assert_offered(messages, offered)
        assert_all_said(messages, text or "")
    assert json.dumps(given_buttons) == before


@PLATFORMS
@settings(max_examples=40)
@given(cards=st.lists(CARD, min_size=1, max_size=12))
def test_any_cards(limits, cards):
    messages = card_messages(cards, limits)
    assert_accepted(messages, limits)
    offered = [button for card in cards for button in card.get("buttons", [])]
    assert len(shown(messages)) == len(offered)
    for card in cards:
        assert_all_said(messages, card["title"])
        assert_all_said(messages, card.get("subtitle", ""))


# fbmessenger is the client that Rasa itself sends with: where it accepts what an agent says,
# ours is the same, to the key.

SHORT = st.text(st.sampled_from("abc é"), min_size=1, max_size=20).filter(str.strip)
OWN = st.builds(lambda title, payload: {"title": title, "payload": payload}, SHORT, SHORT)


def rasas(button):
    return elements.Button("postback", title=button["title"], payload=button["payload"])


@given(text=SHORT, given_buttons=st.lists(OWN, min_size=1, max_size=3))
def test_buttons_are_those_of_rasas_client(text, given_buttons):
    [message] = button_messages(text, given_buttons, MESSENGER)
    expected = [rasas(button).to_dict() for button in given_buttons]
    assert message["attachment"]["payload"]["buttons"] == expected


@given(text=SHORT, replies=st.lists(OWN, min_size=1, max_size=11))
def test_quick_replies_are_those_of_rasas_client(text, replies):
    own = quick_replies.QuickReplies([quick_replies.QuickReply(**reply) for reply in replies])
    expected = elements.Text(text, own).to_dict()
    assert quick_reply_messages(text, replies, MESSENGER) == [expected]


@given(
    cards=st.lists(
        st.fixed_dictionaries(
            {"title": SHORT, "subtitle": SHORT, "buttons": st.lists(OWN, min_size=1, max_size=3)}
        ),
        min_size=1,
        max_size=10,
    )
)
def test_cards_are_those_of_rasas_client(cards):
    own = [
        elements.Element(
            card["title"], subtitle=card["subtitle"], buttons=[rasas(b) for b in card["buttons"]]
        )
        for card in cards
    ]
    [message] = card_messages(cards, MESSENGER)
    assert message["attachment"]["payload"]["elements"] == [each.to_dict() for each in own]


def test_texts_and_images_are_those_of_rasas_client():
    assert text_messages("hello", MESSENGER) == [elements.Text("hello").to_dict()]
    url = "https://example.com/i.png"
    assert image_message(url) == attachments.Image(url=url).to_dict()


@given(token=SHORT, secret=SHORT)
def test_the_proof_is_that_of_rasas_client(token, secret):
    with MessengerClient(token, app_secret=secret).session as session:
        client = MessengerClient(token, app_secret=secret, session=session)
        assert appsecret_proof(token, secret) == client.generate_appsecret_proof()


def test_the_proof_of_known_bytes():
    assert appsecret_proof(PROOF_TOKEN, SECRET) == PROOF
