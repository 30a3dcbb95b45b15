"""Mattermost's limits: kept by what is sent, and nothing of what the bot says is left out.

The server of these tests refuses what the real one refuses (`server.refusal`).
"""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mattermost import MattermostInput
from channels.mattermost.output import MattermostBot
from channels.mattermost.signature import ActionSigner
from tests.unit.mattermost.server import (
    CHANNEL,
    HOOK_TOKEN,
    USER,
    WEBHOOK_URL,
    clicked,
    posts,
    refusal,
    says,
)

TOKEN = "bot-token-made-up"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
BUTTONS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"title": TEXTS, "payload": TEXTS, "url": st.just("https://x.io/a")}
    ),
    max_size=30,
)


class Api:
    """Takes what a server takes."""

    def __init__(self):
        self.posts = []

    def call(self, method, path, body):
        post = json.loads(json.dumps(body))
        assert (method, path) == ("POST", "posts")
        assert refusal(post) == ""
        self.posts.append(post)
        return {"id": f"po{len(self.posts)}"}


def said(response, **settings):
    """The posts of a response, each of which a server takes."""
    api = Api()
    output = MattermostBot(
        "https://x.io", TOKEN, CHANNEL, WEBHOOK_URL, api=api, signer=ActionSigner(TOKEN), **settings
    )
    asyncio.run(output.send_response(USER, response))
    return api.posts


def actions_of(sent):
    return [
        action
        for post in sent
        for attachment in post.get("props", {}).get("attachments", [])
        for action in attachment.get("actions", [])
    ]


def clicks(sent):
    """What a click on each button and a choice of each option says, by the webhook's reading."""
    made = MattermostInput("https://x.io", TOKEN, WEBHOOK_URL, webhook_tokens=HOOK_TOKEN)
    heard = []
    for action in actions_of(sent):
        context = action["integration"]["context"]
        options = [option["value"] for option in action.get("options", [])]
        chosen = [{**context, "selected_option": value} for value in options] or [context]
        for each in chosen:
            asked = clicked(each, type=action["type"])
            assert len(asked.body) <= made.max_body_size
            made.verify(asked)
            heard += made.parse(asked)
    return [message.text for message in heard]


def titles(sent):
    return [
        title
        for action in actions_of(sent)
        for title in [option["text"] for option in action.get("options", [])] or [action["name"]]
    ]


def buttons(count, payload=""):
    return [{"title": f"T{n}", "payload": f"/p{n}{payload}"} for n in range(count)]


@pytest.mark.parametrize(
    ("length", "lengths"), [(16_383, [16_383]), (16_384, [16_383, 1]), (40_000, [16_383] * 2)]
)
def test_long_texts_go_in_several_posts(length, lengths):
    sent = posts({"text": "ü" * length})
    assert [len(post["message"]) for post in sent[: len(lengths)]] == lengths
    assert "".join(post["message"] for post in sent) == "ü" * length


def test_characters_are_counted_and_not_units():
    assert len(posts({"text": "😀" * 16_383})) == 1


def test_a_server_with_a_smaller_limit():
    sent = posts({"text": "word " * 2000}, max_post_size=4000)
    assert max(len(post["message"]) for post in sent) <= 4000
    assert "".join(post["message"] for post in sent).count("word") == 2000


def test_a_long_text_with_buttons_has_them_below_its_end():
    sent = posts({"text": "a" * 20_000, "buttons": buttons(1)})
    assert "props" not in sent[0]
    assert "".join(post["message"] for post in sent) == "a" * 20_000
    assert len(actions_of(sent[-1:])) == 1


def test_a_long_custom_message_has_its_attachments_below_its_end():
    custom = {"message": "a" * 20_000, "props": {"attachments": [{"text": "x"}]}}
    sent = posts({"custom": custom})
    assert ["props" in post for post in sent] == [False, True]
    assert "".join(post["message"] for post in sent) == "a" * 20_000


@pytest.mark.parametrize(
    ("count", "kinds"),
    [(1, ["button"]), (20, ["button"] * 20), (21, ["select"]), (250, ["select"])],
)
def test_many_buttons_become_a_menu(count, kinds):
    sent = said({"text": "Pick", "buttons": buttons(count)})
    assert [action["type"] for action in actions_of(sent)] == kinds
    assert clicks(sent) == [f"/p{n}" for n in range(count)]
    assert titles(sent) == [f"T{n}" for n in range(count)]


@pytest.mark.parametrize("count", [15, 40])
def test_long_payloads_need_several_posts(count):
    many = buttons(count, payload="<&>" * 10_000)
    sent = said({"text": "Pick", "buttons": many})
    assert len(sent) > 1
    assert clicks(sent) == [each["payload"] for each in many]


def test_one_payload_as_long_as_a_state_table_keeps():
    [long] = buttons(1, payload="x" * 390_000)
    assert clicks(said({"text": "Pick", "buttons": [long]})) == [long["payload"]]


@given(text=TEXTS, buttons=BUTTONS)
def test_every_button_can_be_clicked_and_says_its_payload(text, buttons):
    sent = said({"text": text, "buttons": buttons})
    plain = [each for each in buttons if not each.get("url")]
    expected = [each.get("payload") or each.get("title") or "…" for each in plain]
    assert clicks(sent) == [each.strip() for each in expected]
    assert sum("https://x.io/a" in post["message"] for post in sent) == (len(plain) < len(buttons))


ELEMENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "title": TEXTS,
            "subtitle": TEXTS,
            "image_url": st.just("https://x.io/i.png"),
            "buttons": BUTTONS,
        },
    ),
    max_size=5,
)


@given(elements=ELEMENTS)
def test_every_carousel_is_taken(elements):
    sent = json.dumps(said({"elements": elements}))
    for element in elements:
        for key in ("title", "subtitle"):
            assert json.dumps(element.get(key, ""))[1:-1] in sent


@given(text=st.text(max_size=2000))
def test_every_text_is_taken(text):
    sent = said({"text": text}, max_post_size=100)
    assert "".join("".join(post["message"] for post in sent).split()) == "".join(text.split())


LONG_TURN = {
    "text": "one\n\ntwo",
    "custom": {"message": "a" * 20_000},
    "image": "https://x.io/i.png",
    "elements": [{"title": "E", "buttons": buttons(15, payload="x" * 20_000)}],
}


def test_a_turn_goes_on_after_any_part():
    whole, marks = says(LONG_TURN)
    assert len(marks) > 6
    for sent in range(len(marks) + 1):
        rest, _ = says(LONG_TURN, sent=sent)
        assert [each.body for each in rest] == [each.body for each in whole[sent:]]
