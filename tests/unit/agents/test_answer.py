"""Reading Rasa's answers: what Rasa sends, what it never sends, at any border between chunks."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.agents.answer import bot_messages
from channels.errors import AgentError, AgentTimeout

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
MESSAGES = st.lists(
    st.dictionaries(st.sampled_from(["text", "image", "custom", "bits"]), TEXTS, min_size=1)
)


def cut(body: bytes, borders: list[int]) -> list[bytes]:
    """`body` in pieces, cut at the given places."""
    places = sorted({border % (len(body) + 1) for border in borders})
    return [body[a:b] for a, b in zip([0, *places], [*places, len(body)], strict=True)]


@given(
    messages=MESSAGES,
    borders=st.lists(st.integers(min_value=0)),
    line_end=st.sampled_from(["\n", "\r\n", "\n\n", "\n \t\n"]),
    ascii_only=st.booleans(),
    last_line_ends=st.booleans(),
)
def test_lines_cut_anywhere_even_inside_a_character_give_the_same_messages(
    messages: list[dict[str, Any]],
    borders: list[int],
    line_end: str,
    ascii_only: bool,
    last_line_ends: bool,
) -> None:
    lines = [json.dumps(message, ensure_ascii=ascii_only) for message in messages]
    body = line_end.join(lines) + (line_end if last_line_ends else "")
    assert list(bot_messages(cut(body.encode(), borders))) == messages


@given(
    messages=MESSAGES,
    borders=st.lists(st.integers(min_value=0)),
    indent=st.sampled_from([None, 2]),
)
def test_an_array_cut_anywhere_gives_the_same_messages(
    messages: list[dict[str, Any]], borders: list[int], indent: int | None
) -> None:
    body = json.dumps(messages, ensure_ascii=False, indent=indent).replace("/", "\\/")
    assert list(bot_messages(cut(body.encode(), borders))) == messages


@given(chunks=st.lists(st.binary()))
def test_any_bytes_give_messages_or_an_agent_error(chunks: list[bytes]) -> None:
    try:
        assert all(isinstance(message, dict) for message in bot_messages(chunks))
    except AgentError as error:
        assert "Rasa's answer is not understood" in str(error)


def test_a_message_is_given_as_soon_as_its_line_is_complete() -> None:
    taken: list[bytes] = []

    def arriving() -> Iterator[bytes]:
        for chunk in (b'{"text": "a', b'"}\n{"te', b'xt": "b"}\n', b'{"text": "c"}\n'):
            taken.append(chunk)
            yield chunk

    messages = bot_messages(arriving())
    assert next(messages) == {"text": "a"}
    assert len(taken) == 2
    assert next(messages) == {"text": "b"}
    assert len(taken) == 3


@pytest.mark.parametrize("body", [b"", b"[]", b" [ ]\n", b"\n\n", b"[\n\n]"])
def test_an_answer_without_messages_is_none_too_many(body: bytes) -> None:
    assert list(bot_messages([body])) == []


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b'{"text": "secret wo', "line 2 (19 bytes) is not valid JSON (JSONDecodeError)"),
        (b'{"text": "secret \xff"}', "is not valid JSON (UnicodeDecodeError)"),
        (b'"secret"', "line 2 is not a JSON object"),
        (b"null", "line 2 is not a JSON object"),
        (b"42", "line 2 is not a JSON object"),
        (b'[{"text": "secret"}]', "line 2 is not a JSON object"),
        (b"data: {}", "is not valid JSON"),
        (b"<html>secret</html>", "looks like a web page: check RasaUrl"),
        (b'{"a":' * 100_000, "is not valid JSON (RecursionError)"),
        (b"1" * 5_000, "is not valid JSON (ValueError)"),
    ],
)
def test_what_came_before_a_line_that_is_no_message_is_given(line: bytes, cause: str) -> None:
    messages = bot_messages([b'{"text": "fine"}\n', line, b'\n{"text": "never"}\n'])
    assert next(messages) == {"text": "fine"}
    with pytest.raises(AgentError) as raised:
        next(messages)
    assert cause in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "secret" not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__cause__ is None, "an error of json or of a codec holds the whole line"


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        ({"status": 502, "message": "secret"}, AgentError, "reported an error with status 502"),
        ({"status": 504, "message": "secret"}, AgentTimeout, "with status 504"),
        ({"status": "secret"}, AgentError, "reported an error: see its log"),
        ({}, AgentError, "reported an error: see its log"),
    ],
)
@pytest.mark.parametrize("body", ['{{"text": "fine"}}\n{error}\n', '[{{"text": "fine"}}, {error}]'])
def test_an_error_line_of_our_own_rest_channel_ends_the_answer(
    error: dict[str, Any], kind: type[AgentError], said: str, body: str
) -> None:
    line = json.dumps({"error": error})
    messages = bot_messages([body.format(error=line).encode()])
    assert next(messages) == {"text": "fine"}
    with pytest.raises(AgentError) as raised:
        next(messages)
    assert type(raised.value) is kind
    assert said in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_message_may_have_a_key_named_error_that_is_no_object() -> None:
    assert list(bot_messages([b'{"text": "a", "error": null}'])) == [{"text": "a", "error": None}]
