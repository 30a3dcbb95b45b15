"""Buttons that lack something."""

import pytest

from channels.messages.buttons import NO_TITLE, as_button, said_by, title_of


@pytest.mark.parametrize(
    ("button", "title"),
    [
        ({"title": "Yes", "payload": "/affirm"}, "Yes"),
        ({"title": " Yes\n"}, "Yes"),
        ({"title": " ", "payload": "/affirm"}, "/affirm"),
        ({"payload": "", "url": "https://x"}, "https://x"),
        ({"title": 5}, "5"),
        ({"title": None, "payload": {}}, NO_TITLE),
        ({}, NO_TITLE),
    ],
)
def test_titles(button, title):
    assert title_of(button) == title


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ({"title": "Yes", "payload": "/affirm"}, "/affirm"),
        ({"title": "Yes"}, "Yes"),
        ({"title": "Yes", "payload": ""}, "Yes"),
        ({"payload": " /affirm "}, " /affirm "),
        ({"payload": {"intent": "affirm"}}, '{"intent": "affirm"}'),
        ({"payload": ["a"], "title": "Yes"}, '["a"]'),
        ({"title": 5}, "5"),
        ({"url": "https://x"}, ""),
        ({}, ""),
    ],
)
def test_what_a_click_says(button, said):
    assert said_by(button, "payload", "title") == said


def test_the_first_key_that_says_something_counts():
    button = {"title": "Yes", "url": "https://x"}
    assert said_by(button, "payload", "url", "title") == "https://x"
    assert said_by(button, "payload", "title", "url") == "Yes"


def test_a_mere_title_is_a_button():
    button = {"title": "Yes"}
    assert as_button(button) is button
    assert as_button("Yes") == button
