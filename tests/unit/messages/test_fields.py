"""Reading foreign JSON."""

import pytest

from channels.http.request import Request
from channels.messages.fields import (
    as_object,
    body_object,
    object_of,
    objects_of,
    text_of,
    texts_of,
)

ODD = [None, 5, True, 1.5, "text", "", ["a", None, {"b": 1}], [], {"c": 2}, {}]


@pytest.mark.parametrize("value", ODD)
def test_a_value_of_another_type_is_an_absent_one(value):
    document = {"key": value}
    assert text_of(document, "key") == (value if isinstance(value, str) else "")
    assert object_of(document, "key") == (value if isinstance(value, dict) else {})
    assert as_object(value) == object_of(document, "key")
    many = isinstance(value, list) and bool(value)
    assert texts_of(document, "key") == (["a"] if many else [])
    assert objects_of(document, "key") == ([{"b": 1}] if many else [])


def test_a_missing_key_is_an_empty_value():
    assert text_of({}, "key") == ""
    assert (texts_of({}, "key"), objects_of({}, "key"), object_of({}, "key")) == ([], [], {})


def test_a_value_is_handed_on_as_it_is():
    inner = {"a": 1}
    assert object_of({"key": inner}, "key") is inner
    assert objects_of({"key": [inner]}, "key")[0] is inner


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"{}", {}),
        (b"[]", None),
        (b"null", None),
        (b'"a"', None),
        (b"", None),
        (b"{", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_a_body_is_an_object_or_none(body, expected):
    assert body_object(Request("POST", body=body)) == expected
