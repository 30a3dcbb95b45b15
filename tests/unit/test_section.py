"""Settings of a channel's section."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from channels.errors import CredentialsError
from channels.section import Section, nearest, shown

SECTION = Section("parrot", "docs/channels/parrot.md")
WORD = re.compile("[a-z]+")
LAYER = Path(__file__).parents[2] / "layers" / "channels"


def given(value):
    return SECTION.of({"key": value})["key"]


def reads(read):
    """What a reading gives, or the error's text without what all errors share."""
    try:
        return read()
    except CredentialsError as error:
        text = str(error)
        assert text.startswith("parrot: 'key' ")
        assert text.endswith(" (docs/channels/parrot.md)")
        return text.removeprefix("parrot: 'key' ").partition(" (docs")[0]


TEXT = "must be a string: put it in quotes"
NEEDED = "is needed: it must be a word"
WRONG = "must be a word"


@pytest.mark.parametrize(
    ("value", "text", "needed", "optional"),
    [
        ("ab", "ab", "ab", "ab"),
        (" ab\n", "ab", "ab", "ab"),
        ("a b", "a b", WRONG, WRONG),
        (None, None, NEEDED, "default"),
        ("", None, NEEDED, WRONG),
        (" ", None, NEEDED, WRONG),
        (5, TEXT, TEXT, TEXT),
        (False, TEXT, TEXT, TEXT),
        (["ab"], TEXT, TEXT, TEXT),
        ({}, TEXT, TEXT, TEXT),
    ],
)
def test_texts_and_texts_of_a_form(value, text, needed, optional):
    assert reads(given(value).text) == text
    assert reads(lambda: given(value).matching(WORD, "a word")) == needed
    assert reads(lambda: given(value).matching(WORD, "a word", "default")) == optional


def test_an_empty_default_stands_for_nothing():
    assert given(None).matching(WORD, "a word", "") == ""
    assert given(None).url("") == ""


@pytest.mark.parametrize("url", ["https://a.example", "http://127.0.0.1:8/x?y=z", " https://a "])
def test_addresses(url):
    assert given(url).url() == given([url]).urls()[0] == url.strip()


@pytest.mark.parametrize("url", ["a.example", "https://", "https://a b", "ftp://a", "", 5])
def test_what_is_no_address(url):
    for read in (given(url).url, lambda: given(url).url("https://default"), given([url]).urls):
        with pytest.raises(CredentialsError, match=r"'key'.*docs/"):
            read()


SEVERAL = "must be a non-empty string, or a list of non-empty strings"


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        ([], []),
        (" a ", ["a"]),
        (["a", " b"], ["a", "b"]),
        ("", SEVERAL),
        (["a", " "], SEVERAL),
        (["a", None], SEVERAL),
        ([["a"]], SEVERAL),
        (5, TEXT),
        (["a", 5], TEXT),
        (True, TEXT),
        ({"a": "b"}, SEVERAL),
    ],
)
def test_one_text_or_several(value, texts):
    assert reads(given(value).texts) == texts


@pytest.mark.parametrize(
    ("value", "switch"),
    [(True, True), (False, False), (None, False)]
    + [(each, "must be true or false") for each in ("true", "", 0, 1, [])],
)
def test_switches(value, switch):
    assert reads(given(value).switch) is switch or reads(given(value).switch) == switch


@pytest.mark.parametrize("value", [True, 9, -10, "10", 10.0, None, [10]])
def test_what_is_no_number_of_the_least_size(value):
    assert reads(lambda: given(value).number(10)) == "must be a whole number of at least 10"


@pytest.mark.parametrize("value", [10, 11])
def test_numbers(value):
    assert given(value).number(10) == value


@pytest.mark.parametrize(
    ("value", "strict", "lenient"),
    [
        ("a", "a", "a"),
        ("b", "b", "b"),
        ("", "must be one of a, b", "b"),
        (None, "must be one of a, b", "b"),
        ("c", "must be one of a, b", "must be one of a, b"),
        (["a"], "must be one of a, b", "must be one of a, b"),
        (True, "must be one of a, b", "must be one of a, b"),
    ],
)
def test_one_of_several_values(value, strict, lenient):
    assert reads(lambda: given(value).one_of(("a", "b"))) == strict
    assert reads(lambda: given(value).one_of(("a", "b"), "b")) == lenient


@pytest.mark.parametrize("value", ["sender", "room", "room:user", "user:room", "team:room:user"])
def test_granularities(value):
    assert SECTION.granularity(value, ("sender", "room"), ("team", "room", "user")) == value


@pytest.mark.parametrize(
    "value",
    ["", "team", "room:room", "room:", ":", "room:sender", "room: user", "Room", None, 5, ["room"]],
)
def test_what_is_no_granularity(value):
    expected = (
        "parrot: 'conversation_granularity' must be one of sender, room, or several of team, room, "
        "user joined by colons, such as team:room:user (docs/channels/parrot.md)"
    )
    with pytest.raises(CredentialsError) as raised:
        SECTION.granularity(value, ("sender", "room"), ("team", "room", "user"))
    assert str(raised.value) == expected


def test_a_parameter_is_checked_as_a_setting_is():
    assert SECTION.setting("key", " a ").text() == "a"
    with pytest.raises(CredentialsError, match="parrot: 'key' must be a string"):
        SECTION.setting("key", 5).text()


def test_errors_name_the_channel_and_the_readmes_section_and_no_value():
    assert str(SECTION.error("no perch")) == "parrot: no perch (docs/channels/parrot.md)"
    assert str(given(1).wrong("is odd")) == str(SECTION.wrong("key", "is odd"))
    assert str(SECTION.wrong("key", "is odd")) == "parrot: 'key' is odd (docs/channels/parrot.md)"
    secret = ["made-up secret", 5]
    for read in (given(secret).text, given(secret).texts, given(secret).switch, given(secret).urls):
        assert "made-up" not in reads(read)


def test_settings_are_kept_as_they_were_written():
    settings = {"a": " b ", "c": ["d"]}
    section = SECTION.of(settings)
    assert section["a"].value == " b "
    assert section["c"].value is settings["c"]
    assert section["e"].value is None
    section["a"].text(), section["c"].texts()
    assert settings == {"a": " b ", "c": ["d"]}


def test_what_a_webhook_starts_with_imports_nothing_slow():
    code = (
        "import sys, channels.section, channels.messages.fields, channels.auth.key_set; "
        "print(*sys.modules)"
    )
    loaded = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(LAYER)},
    ).stdout.split()
    slow = {"typing", "dataclasses", "difflib", "inspect", "asyncio", "urllib3", "requests"}
    slow |= {"urllib.request"}
    assert not slow & set(loaded)


WORDS = ("access_token", "secret_token", "page-access-token", "api_base")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("acces_token", "access_token"),
        ("ACCESS-TOKEN", "access_token"),
        ("accessToken", "access_token"),
        ("page_access_token", "page-access-token"),
        ("apibase", "api_base"),
        ("token", "access_token"),  # of two that are as near, the one declared first
        ("colour", None),
        ("", None),
        ("-", None),
    ],
)
def test_the_nearest_word(word, meant):
    assert nearest(word, WORDS) == meant


def test_a_section_knows_what_it_declares_with_any_settings():
    section = Section(
        "parrot", "docs/channels/parrot.md", keys=("cage",), without_effect={"perch": "it flies"}
    )
    assert section.unknown({"cage": 1, "perch": 2, "cges": 3}) == {"cges": "cage"}
    assert section.of({"cage": 1}).unknown({"cges": 3}) == {"cges": "cage"}
    assert section.unused({"cage": 1, "perch": 2}) == {"perch": "it flies"}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("token", "token"),
        ("headers.X-Team", "headers.X-Team"),
        ("access_token:123:hunter2", "access_token..."),
        ("a\n\x1b[31mb", "a..."),
        ("", ""),
        ("k" * 41, f"{'k' * 40}..."),
    ],
)
def test_a_key_is_shown_as_far_as_it_looks_like_a_name(key, told):
    assert shown(key) == told
    assert str(SECTION.wrong(key, "is odd")).startswith(f"parrot: '{told}' is odd")
