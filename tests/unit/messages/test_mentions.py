"""A message that is nothing but the bot's mention."""

import pytest

from channels.messages.mentions import said


@pytest.mark.parametrize(
    ("rest", "written", "text"),
    [
        ("hello", "@bot hello", "hello"),
        ("", "@bot", "@bot"),
        (" \n", " @bot \n", "@bot"),
        ("", "", ""),
        (" kept as it is ", "@bot kept as it is ", " kept as it is "),
    ],
)
def test_what_is_left_is_said_else_what_was_typed(rest, written, text):
    assert said(rest, written) == text
