"""Long texts in parts: what is cut where, and that nothing is lost."""

import re

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from channels.messages.text import (
    split_messages,
    split_paragraphs,
    split_text,
    utf8_bytes,
    utf16_units,
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAGS = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7"
CODE = "```python\n" + "\n".join(f"line_{number} = {number}" for number in range(12)) + "\n```"

PIECES = [
    "word", "x" * 30, " ", "  ", "\n", "\n\n", "\t", ". ", "! ", "\r\n", "\u3002", "`", "*",
    "e\u0301", "\u0e01\u0e33", "\u0915\u093f", FAMILY, FLAGS, "\U0001f44b\U0001f3fd",
    "\u1112\u1161\u11ab", "\ud55c\uae00", "\u2764\ufe0f", "\U0001f3f4\U000e0067\U000e007f",
    "\u0600\u0661", "\ud83d",
]  # fmt: skip
FENCED = [*PIECES, "\n```\n", "\n```python\n", "\n    indented", "\n~~~\n", "\n````\n"]
#: Without bars: a table's header is repeated.
ANY = st.text(st.characters(exclude_characters="|"), max_size=200)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | ANY
FENCED_TEXTS = st.lists(st.sampled_from(FENCED), max_size=60).map("".join)
MEASURES = st.sampled_from([len, utf16_units, utf8_bytes])
LIMITS = st.integers(16, 120)


def without_white_space(text):
    return re.sub(r"\s+", "", text)


def without_fences(text):
    """What stands beside marks and their language: a line of marks inside a block may be cut."""
    return without_white_space(text).replace("`", "").replace("python", "")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n ", []),
        ("short", ["short"]),
        ("  kept as it is  ", ["  kept as it is  "]),
        ("first paragraph\n\nsecond one", ["first paragraph", "second one"]),
        ("first line of two\nthe second", ["first line of two", "the second"]),
        ("a list:\n  - with\n  - indents", ["a list:\n  - with", "  - indents"]),
        ("One sentence. And another.", ["One sentence.", "And another."]),
        ("no sentence ends in here", ["no sentence ends in", "here"]),
        ("x" * 45, ["x" * 20, "x" * 20, "x" * 5]),
        ("short. " + "x" * 20, ["short.", "x" * 20]),
        ("a " + "x" * 30, ["a", "x" * 20, "x" * 10]),
    ],
)
def test_the_best_place_is_taken(text, parts):
    assert split_text(text, 20) == parts


@pytest.mark.parametrize(("measure", "longest"), [(len, 20), (utf16_units, 10), (utf8_bytes, 5)])
def test_length_is_counted_as_the_platform_counts(measure, longest):
    parts = split_text("\U0001f44b" * 40, 20, measure)
    assert [len(part) for part in parts] == [longest] * (40 // longest)


def test_a_code_block_is_closed_and_opened_again():
    parts = split_text(f"See:\n{CODE}\nThat is all.", 80)
    assert parts[0] == "See:"
    assert all(part.count("```") == 2 for part in parts[1:])
    assert all(part.startswith("```python\nline_") for part in parts[1:])
    assert parts[-1].endswith("\n```\nThat is all.")
    assert "".join(re.findall(r"line_\d+ = \d+\n", "\n".join(parts))) == (
        CODE.removeprefix("```python\n").removesuffix("```")
    )


def test_a_code_block_that_fits_a_message_is_not_cut():
    assert split_text(f"{'word ' * 10}\n{CODE}", len(CODE)) == [("word " * 10).strip(), CODE]


def test_marks_that_are_never_closed_are_text():
    text = "Type ```\nand then " + "go on " * 10
    assert "".join(split_text(text, 30)).count("```") == 1


def test_a_grapheme_longer_than_a_message_is_cut_nevertheless():
    zalgo = "e" + "\u0301" * 50
    assert "".join(split_text(zalgo, 20)) == zalgo


def test_a_limit_without_room_is_refused():
    with pytest.raises(ValueError, match="too short"):
        split_text("text", 15)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a\n\nb", ["a", "b"]),
        ("a\n\n\nb", ["a", "b"]),
        ("a\n\n\n\nb\n\n", ["a", "b"]),
        ("a\nb", ["a\nb"]),
        ("  a\n\n  b", ["  a", "  b"]),
        ("a\n\n```\nx\n\ny\n```\n\nb", ["a", "```\nx\n\ny\n```", "b"]),
        ("\n\n", []),
    ],
)
def test_a_paragraph_is_a_message_as_in_rasa(text, parts):
    assert split_paragraphs(text) == parts


def test_a_block_that_fits_is_not_torn_for_a_cut_inside_it():
    code = "```\n" + "a" * 40 + "\n\n" + "b" * 10 + "\n```"
    assert split_text(f"{code}\n{'word' * 30}", 100) == [code, "word" * 25, "word" * 5]


HEAD = "| a | b |\n|---|:-:|"
ROWS = [f"| {number} | some words |" for number in range(20)]
TABLE = "\n".join([HEAD, *ROWS])


def test_a_table_that_is_split_repeats_its_header():
    parts = split_text(TABLE, 120)
    assert len(parts) > 3
    assert all(part.startswith(f"{HEAD}\n|") and len(part) <= 120 for part in parts)
    assert [row for part in parts for row in part.split("\n")[2:]] == ROWS


def test_a_table_stands_apart_from_the_text_around_it():
    first, *parts = split_text(f"See:\n{TABLE}\n\nThat is all, {'thank you, ' * 4}bye.", 120)
    assert first == "See:"
    *tables, last = parts
    assert all(part.startswith(HEAD) for part in tables)
    assert last.endswith("bye.")
    assert [row for part in parts for row in part.split("\n") if "some words" in row] == ROWS


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(ROWS),
        "\n".join(["| a | b |", "|---|", *ROWS]),
        "\n".join(["```", HEAD, *ROWS, "```"]),
        "\n".join([f"| {'a' * 60} | b |\n|---|---|", *ROWS]),
    ],
    ids=["no header", "other columns", "in code", "a header of half a message"],
)
def test_what_is_no_table_has_no_header_to_repeat(text):
    parts = split_text(text, 120)
    head = text.split("\n")[1 if text.startswith("```") else 0]
    assert sum(head in part.split("\n") for part in parts) == 1


@given(rows=st.lists(st.text("ab |", max_size=30), max_size=20), limit=LIMITS)
def test_no_cell_of_a_table_is_lost(rows, limit):
    text = "\n".join(["x|y", "-|-", *rows, "end"])
    parts = split_text(text, limit)
    assert all(len(part) <= limit for part in parts)
    whole = "".join(parts).replace("x|y\n-|-", "")
    assert without_white_space(whole) == without_white_space("".join([*rows, "end"]))


def test_a_paragraph_too_long_is_several_messages():
    assert split_messages("one\n\n" + "two " * 10, 20) == ["one", *2 * ["two two two two two"]]


@given(text=TEXTS | FENCED_TEXTS, limit=LIMITS, measure=MEASURES)
def test_no_part_is_too_long_or_blank(text, limit, measure):
    parts = split_text(text, limit, measure)
    assert all(0 < measure(part) <= limit for part in parts)
    assert all(part.strip() for part in parts)


@given(text=TEXTS, limit=LIMITS, measure=MEASURES)
def test_nothing_but_white_space_is_lost(text, limit, measure):
    parts = split_text(text, limit, measure)
    assert without_white_space("".join(parts)) == without_white_space(text)


@given(text=FENCED_TEXTS, limit=LIMITS)
@example(text=CODE, limit=40)
@example(text="\n```\n\n```python\n\n```\n", limit=16)
def test_nothing_of_code_is_lost(text, limit):
    parts = split_text(text, limit)
    assert without_fences("\n".join(parts)) == without_fences(text)


@given(text=TEXTS, limit=LIMITS, measure=MEASURES)
def test_no_grapheme_is_cut(text, limit, measure):
    clusters = regex.findall(r"\X", text)
    parts = split_text(text, limit, measure)
    if all(measure(cluster) <= limit // 2 for cluster in clusters):
        found = [each for part in parts for each in regex.findall(r"\X", part)]
        assert [each for each in found if each.strip()] == [
            each for each in clusters if each.strip()
        ]


@given(text=st.text(max_size=300), limit=LIMITS)
def test_a_text_within_the_limit_is_left_as_it_is(text, limit):
    if text.strip() and len(text) <= limit:
        assert split_text(text, limit) == [text]
