"""Keys of payloads that a platform has no room for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messages.payloads import is_key, key_of


@given(st.text(), st.text())
def test_a_key_is_short_ascii_and_the_payloads_own(first, second):
    key = key_of(first)
    assert key.isascii()
    assert len(key) == 48
    assert is_key(key)
    assert (key == key_of(second)) == (first == second)


@pytest.mark.parametrize(
    "text", [None, "", "/greet", "payload:", "payload:" + "g" * 40, "payload:" + "0" * 41]
)
def test_other_texts_are_no_keys(text):
    assert not is_key(text)
