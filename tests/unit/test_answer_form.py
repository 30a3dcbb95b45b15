"""What is a platform's own answer, and what is not."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.clients.answer_form import (
    EMPTY,
    NO_PAGE,
    AnswerForm,
    Only,
    json_of,
    token_answers,
)
from tests.pages import PAGES

FORM = AnswerForm(
    "Chat",
    success=({"id": str}, {"ok": True}, EMPTY, re.compile(r"OK - \d+")),
    error=({"error": {"code": int, "reason": object}},),
    setting="api_base",
)


@pytest.mark.parametrize(
    ("status", "body", "is_own"),
    [
        (200, b'{"id": "1"}', True),
        (201, b' {"id": "1", "more": []}\n', True),
        (200, b'{"id": 1}', False),
        (200, b'{"ok": true}', True),
        (200, b'{"ok": false}', False),
        (204, b"", True),
        (200, b" \r\n", True),
        (200, b"OK - 17\n", True),
        (200, b"OK - 17 pages", False),
        (200, b'[{"id": "1"}]', False),
        (200, b'{"error": {"code": 1, "reason": "x"}}', False),
        (400, b'{"error": {"code": 1, "reason": null}}', True),
        (400, b'{"error": {"code": 1}}', False),
        (400, b'{"error": {"code": "1", "reason": "x"}}', False),
        (400, b'{"error": "x"}', False),
        (400, b'{"id": "1"}', False),
        (403, b"", False),
        (302, b'{"id": "1"}', False),
        (304, b"", False),
        (100, b"", False),
        (500, b'{"error": {"code": 1, "reason": "x"}}', False),
    ],
)
def test_an_answer_has_one_of_the_shapes_of_its_kind(status, body, is_own):
    assert FORM.is_own(status, body) is is_own


@pytest.mark.parametrize(
    ("expected", "value", "is_like"),
    [
        (int, 1, True),
        (int, True, False),
        (bool, True, True),
        (object, None, True),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        ("OK", "OK", True),
        ("OK", "ok", False),
        (re.compile("a+"), "aa", True),
        (re.compile("a+"), "aab", False),
        (re.compile("a+"), ["aa"], False),
        ([{"id": str}], [{"id": "1"}, {"id": "2"}], True),
        ([{"id": str}], [{"id": "1"}, {}], False),
        ([{"id": str}], [], False),
        ([{"id": str}], {"id": "1"}, False),
        ({"id": str}, {"id": "1", "x": 1}, True),
        ({"id": str}, "id", False),
    ],
)
def test_what_a_value_may_look_like(expected, value, is_like):
    form = AnswerForm("Chat", ({"v": expected},), ())
    assert form.is_own(200, json.dumps({"v": value}).encode()) is is_like


def test_a_shape_may_count_with_some_statuses_only():
    form = AnswerForm("Chat", ({"id": str}, Only((202, 204), EMPTY)), ())
    assert [form.is_own(status, b"") for status in (200, 202, 204)] == [False, True, True]
    assert form.is_own(200, b'{"id": "1"}')


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_none(page):
    status, body, _ = PAGES[page]
    assert not FORM.is_own(status, body)
    assert not token_answers("Login", "token_url").is_own(status, body)


@pytest.mark.parametrize(
    ("status", "body", "is_own"),
    [
        (200, b'{"access_token": "t", "expires_in": 3599}', True),
        (400, b'{"error": "invalid_grant"}', True),
        (401, b'{"error": "something_new", "error_description": "words"}', True),
        (401, b'{"error": "something_new"}', False),
        (200, b'{"error": "invalid_grant"}', False),
    ],
)
def test_the_answers_of_a_token_endpoint(status, body, is_own):
    assert token_answers("Login", "token_url").is_own(status, body) is is_own


@pytest.mark.parametrize(
    ("body", "is_page"),
    [
        (b"<!DOCTYPE html><p>x", True),
        (b"\n  <HTML lang=en>", True),
        (b"<head>", True),
        (b'<?xml version="1.0"?><Response/>', False),
        (b"<Response/>", False),
        (b"", False),
        (b"taken", False),
        (b"{}", False),
    ],
)
def test_of_an_unknown_platform_everything_but_a_page_is_an_answer(body, is_page):
    for status in (200, 404):
        assert NO_PAGE.is_own(status, body) is not is_page
    assert not NO_PAGE.is_own(302, body)


@given(st.integers(100, 599), st.binary(max_size=300))
def test_any_body_can_be_judged(status, body):
    assert FORM.is_own(status, body) in (True, False)
    assert NO_PAGE.is_own(status, body) in (True, False)
    json_of(body)


def test_the_words_name_platform_and_setting():
    assert "Chat" in FORM.foreign(200)
    assert "'api_base'" in FORM.foreign(200)
    assert "point elsewhere" not in FORM._replace(setting="").foreign(200)
