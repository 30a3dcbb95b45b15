"""Rich messages: the text and the files of their blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.rich_messages import media_of_rich_message, text_of_rich_message
from tests.unit.telegram.bot import channel, message, request, update


def rich(*blocks):
    return {"blocks": list(blocks)}


def paragraph(text):
    return {"type": "paragraph", "text": text}


def item(label, *blocks, **fields):
    return {"label": label, "blocks": list(blocks), **fields}


def listed(*items):
    return {"type": "list", "items": list(items)}


PHOTO = {
    "type": "photo",
    "photo": [{"file_id": "small", "width": 90}, {"file_id": "big", "width": 1280}],
    "caption": {"text": ["the ", {"type": "italic", "text": "damage"}], "credit": "Ann"},
}
VOICE = {"type": "voice_note", "voice_note": {"file_id": "v1", "duration": 3}}
SONG = {"type": "audio", "audio": {"file_id": "s1", "title": "Song"}, "caption": {"text": "listen"}}
HEADER = [{"text": "Item", "is_header": True}, {"text": "Price", "is_header": True}]

# what a user writes: the blocks, and the text
SAYS = {
    "a heading": ([{"type": "heading", "size": 2, "text": "Order"}], "Order"),
    "paragraphs": ([paragraph("one"), paragraph("two")], "one\n\ntwo"),
    "an empty paragraph": ([paragraph("one"), paragraph(""), paragraph("two")], "one\n\ntwo"),
    "styles": (
        [paragraph(["a ", {"type": "bold", "text": ["b ", {"type": "code", "text": "c"}]}, " d"])],
        "a b c d",
    ),
    "a link": ([paragraph({"type": "url", "text": "site", "url": "https://x.io"})], "site"),
    "a mention without a user name": (
        [paragraph({"type": "text_mention", "text": "Bob", "user": {"id": 7, "first_name": "B"}})],
        "Bob",
    ),
    "an emoji of one's own": (
        [paragraph({"type": "custom_emoji", "custom_emoji_id": "1", "alternative_text": "👍"})],
        "👍",
    ),
    "a formula in a text": (
        [paragraph(["if ", {"type": "mathematical_expression", "expression": "x^2"}])],
        "if x^2",
    ),
    "a formula": ([{"type": "mathematical_expression", "expression": "x^2"}], "x^2"),
    "a button in a text": (
        [
            paragraph(
                {"type": "button", "button": {"text": "Copy", "copy_text": {"text": "secret"}}}
            )
        ],
        "Copy",
    ),
    "an anchor in a text": ([paragraph(["a", {"type": "anchor", "name": "top"}])], "a"),
    "code": (
        [{"type": "pre", "text": "print(1)\n", "language": "python"}],
        "```python\nprint(1)\n```",
    ),
    "code with a fence in it": (
        [{"type": "pre", "text": "```\na\n```"}],
        "````\n```\na\n```\n````",
    ),
    "a footer and a line": (
        [paragraph("a"), {"type": "divider"}, {"type": "footer", "text": "b"}],
        "a\n\n---\n\nb",
    ),
    "an anchor": ([{"type": "anchor", "name": "top"}, paragraph("a")], "a"),
    "a numbered list": (
        [listed(item("1.", paragraph("two chairs")), item("2.", paragraph("one table")))],
        "1. two chairs\n2. one table",
    ),
    "labels of every kind": (
        [listed(*(item(each, paragraph("x")) for each in ("1", "b)", "iv.", "•", "-", "")))],
        "1. x\nb) x\niv. x\n- x\n- x\n- x",
    ),
    "a check list": (
        [
            listed(
                item("•", paragraph("milk"), has_checkbox=True, is_checked=True),
                item("•", paragraph("tea"), has_checkbox=True),
            )
        ],
        "- [x] milk\n- [ ] tea",
    ),
    "a list in a list": (
        [listed(item("10.", paragraph("chairs"), listed(item("•", paragraph("red")))))],
        "10. chairs\n\n    - red",
    ),
    "an item without content": ([listed(item("1."), item("2.", paragraph("a")))], "1.\n2. a"),
    "a quotation": (
        [{"type": "blockquote", "blocks": [paragraph("a"), paragraph("b")], "credit": "Bob"}],
        "> a\n>\n> b\n> \u2014 Bob",
    ),
    "an expandable quotation": (
        [{"type": "expandable_blockquote", "blocks": [paragraph("a")]}],
        "> a",
    ),
    "a quotation in the middle": (
        [{"type": "pullquote", "text": "a", "credit": "B"}],
        "> a\n> \u2014 B",
    ),
    "a table": (
        [
            {
                "type": "table",
                "cells": [
                    HEADER,
                    [{"text": "a|b"}, {"text": ["1", {"type": "bold", "text": "2"}]}],
                ],
                "caption": "Prices",
            }
        ],
        "| Item | Price |\n| --- | --- |\n| a\\|b | 12 |\nPrices",
    ),
    "a table without a header": (
        [{"type": "table", "cells": [[{"text": "a"}, {}], [], [{"text": "b\nc"}]]}],
        "| a |  |\n| b c |",
    ),
    "details": (
        [
            {
                "type": "details",
                "summary": "More",
                "blocks": [paragraph("a"), listed(item("", paragraph("b")))],
            }
        ],
        "More\n\na\n\n- b",
    ),
    "a picture": ([PHOTO], "the damage\n\u2014 Ann"),
    "pictures": (
        [{"type": "collage", "blocks": [PHOTO, VOICE], "caption": {"text": "both"}}],
        "the damage\n\u2014 Ann\nboth",
    ),
    "a place": (
        [
            {
                "type": "map",
                "location": {"latitude": 52.52, "longitude": 13.405},
                "zoom": 9,
                "caption": {"text": "here"},
            }
        ],
        '{"lng": 13.405, "lat": 52.52}\nhere',
    ),
    "buttons": (
        [
            {
                "type": "buttons",
                "buttons": [
                    [{"text": "Yes", "callback_data": "/y"}, {"text": "No"}],
                    [{"text": "Maybe", "url": "https://x.io"}],
                ],
            }
        ],
        "Yes | No\nMaybe",
    ),
    "a kind to come": (
        [
            {
                "type": "tabs",
                "id": "t1",
                "title": "Tabs",
                "tabs": [
                    {
                        "name": "n1",
                        "title": "One",
                        "blocks": [paragraph("a"), listed(item("1.", paragraph("b")))],
                    },
                    {"title": ["T", {"type": "bold", "text": "wo"}], "text": "c"},
                ],
                "copy_text": {"text": "secret"},
            }
        ],
        "Tabs\nOne\na\n1. b\nTwo\nc",
    ),
    "a style to come": ([paragraph(["a", {"type": "glow", "text": "b", "colour": "red"}])], "ab"),
    "a block that is a text": (["a", ["b", "c"]], "a\n\nbc"),
}


@pytest.mark.parametrize(("blocks", "text"), SAYS.values(), ids=SAYS)
def test_the_text_of_blocks(blocks, text):
    assert text_of_rich_message({"blocks": blocks}) == text


def received(**fields):
    [found] = channel().parse(message(**fields))
    return found


def test_files_are_in_the_metadata_wherever_they_stand():
    found = received(rich_message=rich({"type": "slideshow", "blocks": [PHOTO, VOICE]}, SONG))
    assert found.text == "the damage\n\u2014 Ann\n\nlisten"
    assert found.metadata["attachments"] == [
        {"type": "photo", "file_id": "big", "width": 1280},
        {"type": "voice", "file_id": "v1", "duration": 3},
        {"type": "audio", "file_id": "s1"},
    ]


def test_files_alone_are_a_message_without_words_as_any_other_file():
    found = received(rich_message=rich(VOICE))
    assert (found.text, len(found.metadata["attachments"])) == ("", 1)


def test_the_message_itself_is_in_the_metadata():
    [found] = channel().parse(request("rich_message"))
    assert found.metadata["rich_message"] == update("rich_message")["message"]["rich_message"]


def test_a_text_beside_the_blocks_only_stands_in_for_them():
    placeholder = "Update your app to see this message"
    assert received(text=placeholder, rich_message=rich(paragraph("hi"))).text == "hi"
    assert received(text=placeholder, rich_message=rich()).text == placeholder


@pytest.mark.parametrize(
    ("first", "heard"),
    [
        (
            {"type": "bot_command", "text": "/ask@rasa_bot", "bot_command": "/ask@rasa_bot"},
            "/ask now",
        ),
        ({"type": "bot_command", "text": "/ask@other_bot", "bot_command": "/ask@other_bot"}, None),
        ({"type": "bot_command", "text": "/bot", "bot_command": "/bot"}, "now"),
        ({"type": "mention", "text": "@rasa_bot", "username": "rasa_bot"}, "now"),
        ({"type": "mention", "text": "@other_bot", "username": "other_bot"}, "@other_bot now"),
    ],
)
@pytest.mark.parametrize("kind", ["paragraph", "heading"])
def test_commands_and_mentions_are_those_of_a_text(kind, first, heard):
    blocks = rich({"type": kind, "size": 1, "text": [first, " now"]})
    found = channel().parse(message(rich_message=blocks))
    assert [each.text for each in found] == ([] if heard is None else [heard])


def test_a_mention_alone_says_itself():
    mention = {"type": "mention", "text": "@rasa_bot", "username": "rasa_bot"}
    assert received(rich_message=rich(paragraph(mention))).text == "@rasa_bot"


NOTHING = {
    "no blocks": rich(),
    "no blocks at all": {},
    "a place to jump to": rich({"type": "anchor", "name": "top"}),
    "a line": rich({"type": "divider"}),
    "a medium to come": rich({"type": "sticker", "sticker": {"file_id": "x"}}),
}


@pytest.mark.parametrize("blocks", NOTHING.values(), ids=NOTHING)
def test_a_message_of_blocks_that_say_nothing_is_none_and_is_told_of(blocks, caplog):
    caplog.set_level("INFO", "channels")
    assert channel().parse(message(rich_message=blocks)) == []
    [record] = caplog.records
    assert "a message without text" in record.message
    assert "update_id" in record.message


WHO = {
    "a mention": {"type": "mention", "text": "@x", "chat": {"title": "A group"}},
    "a user": {"type": "text_mention", "text": "@x", "user": {"id": 1, "title": "Dr"}},
    "a style to come": {"type": "seal", "text": "@x", "stamp": {"label": "L", "title": "T"}},
}


@pytest.mark.parametrize("named", WHO.values(), ids=WHO)
def test_who_is_mentioned_is_named_by_the_text_alone(named):
    assert text_of_rich_message(rich(paragraph(["hi ", named]))) == "hi @x"
    unknown = {"type": "hologram", "text": "hi", **{k: named[k] for k in named if k == "chat"}}
    assert text_of_rich_message(rich(unknown)) == "hi"


@pytest.mark.parametrize("deep", [100, 5000])
def test_what_is_nested_without_end_is_read(deep):
    text, blocks = "hi", paragraph("hi")
    for _ in range(deep):
        text = {"type": "bold", "text": [text]}
        blocks = {"type": "blockquote", "blocks": [blocks]}
    assert text_of_rich_message(rich(paragraph(text))) == "hi"
    assert text_of_rich_message(rich(blocks)).strip("> ") == "hi"
    assert media_of_rich_message(rich(blocks)) == []


NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "text",
                    "blocks",
                    "items",
                    "label",
                    "cells",
                    "caption",
                    "credit",
                    "photo",
                    "summary",
                    "buttons",
                    "location",
                    "has_checkbox",
                    "is_header",
                    "language",
                ]
            ),
            children
            | st.sampled_from(["list", "table", "pre", "photo", "map", "details", "buttons"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(blocks=NODES)
def test_no_shape_of_blocks_is_an_error(blocks):
    assert isinstance(text_of_rich_message({"blocks": blocks}), str)
    assert isinstance(media_of_rich_message({"blocks": blocks}), list)
    channel().parse(message(rich_message={"blocks": blocks}))


WORDS = st.text("abcde", min_size=3, max_size=6).map(lambda word: f"w{word}w")
INLINE = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.builds(
            lambda text, kind: {"type": kind, "text": text},
            inner,
            st.sampled_from(["bold", "glow"]),
        )
    ),
    max_leaves=5,
)
BLOCKS = st.recursive(
    st.builds(
        lambda text, kind: {"type": kind, "text": text},
        INLINE,
        st.sampled_from(["paragraph", "heading", "pre", "footer", "pullquote", "glow"]),
    ),
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda blocks: st.sampled_from(
            [
                {"type": "blockquote", "blocks": blocks},
                {"type": "details", "summary": "wsw", "blocks": blocks},
                {"type": "list", "items": [{"label": "1.", "blocks": [each]} for each in blocks]},
                {"type": "hologram", "parts": blocks},
            ]
        )
    ),
    max_leaves=6,
)


def words(value):
    """The words of a generated block, in order."""
    if isinstance(value, str):
        return value if value.startswith("w") else ""
    children = value.values() if isinstance(value, dict) else value
    return "".join(map(words, children))


@given(block=BLOCKS)
def test_no_word_is_lost(block):
    said = text_of_rich_message(rich(block))
    assert "".join(letter for letter in said if letter in "abcdesw") == words(block)
