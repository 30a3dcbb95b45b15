"""What the shell reads and shows: each case names the rule of Rasa's shell (or the mended one)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.channel import UserMessage
from channels.errors import AgentTimeout
from channels.http.request import Request
from channels.rest import RestInput
from ops.shell.messages import (
    AnswerError,
    Button,
    body_lines,
    button_lines,
    buttons_of,
    error_text,
    items_of,
    latest_buttons,
    lines_of,
    picked,
    printable,
)

YES_NO = [{"title": "yes", "payload": "/affirm"}, {"title": "no", "payload": "/deny"}]


@pytest.mark.parametrize(
    ("rule", "item", "expected"),
    [
        ("a text is printed as it is", {"recipient_id": "me", "text": "Hey!"}, ["Hey!"]),
        ("a text keeps its lines", {"text": "a\r\nb\n c"}, ["a", "b", " c"]),
        ("an empty text prints nothing", {"recipient_id": "me", "text": ""}, []),
        ("an image by its URL", {"image": "https://x.test/a.png"}, ["Image: https://x.test/a.png"]),
        ("an attachment by its value", {"attachment": "a.pdf"}, ["Attachment: a.pdf"]),
        ("an attachment may be an object", {"attachment": {"u": 1}}, ['Attachment: {"u": 1}']),
        (
            "custom JSON is indented, letters unescaped",
            {"custom": {"é": [1]}},
            ["Custom json:", "{", '  "é": [', "    1", "  ]", "}"],
        ),
        ("an empty custom is shown", {"custom": {}}, ["Custom json:", "{}"]),
        (
            "elements are numbered: title - the rest as JSON, sorted",
            {"elements": [{"title": "A", "z": 1, "b": 2}, {}]},
            ["Elements:", '1: A - {"b": 2, "z": 1}', "2:  - {}"],
        ),
        (
            "all parts of one item, text first",
            {"custom": 1, "image": "i", "text": "t"},
            ["t", "Image: i", "Custom json:", "1"],
        ),
        ("nulls count as absent", dict.fromkeys(["text", "image", "custom", "elements"]), []),
        ("a number for a text", {"text": 5}, ["5"]),
        ("elements of a wrong type", {"elements": [3]}, ["Elements:", "1: 3"]),
        ("buttons are not part of the body", {"text": "t", "buttons": YES_NO}, ["t"]),
    ],
)
def test_body_lines(rule: str, item: dict[str, Any], expected: list[str]) -> None:
    assert body_lines(item) == expected, rule


@pytest.mark.parametrize(
    ("rule", "given_button", "expected"),
    [
        ("title and payload", {"title": "T", "payload": "/p"}, Button("T (/p)", "/p")),
        (
            "further keys follow as sorted JSON",
            {"title": "T", "payload": "/p", "z": 1, "a": 2},
            Button('T (/p) - {"a": 2, "z": 1}', "/p"),
        ),
        (
            "parentheses in a payload are sent whole (Rasa's shell cuts at the first)",
            {"title": "T (x)", "payload": '/p{"a": "(b)"}'},
            Button('T (x) (/p{"a": "(b)"})', '/p{"a": "(b)"}'),
        ),
        ("without a payload the title is sent", {"title": "T"}, Button("T", "T")),
        ("a null payload is none", {"title": "T", "payload": None}, Button("T", "T")),
        ("an object as payload is sent as JSON", {"payload": [1]}, Button("([1])", "[1]")),
        (
            "a web_url button shows its URL and sends nothing",
            {"type": "web_url", "title": "Page", "url": "https://x.test/"},
            Button("Page: https://x.test/", None, "https://x.test/"),
        ),
        (
            "a URL beside a payload does not stop the payload",
            {"title": "P", "payload": "/p", "url": "u"},
            Button('P (/p) - {"url": "u"}', "/p"),
        ),
        ("a bare string is title and payload", "yes", Button("yes", "yes")),
        (
            "one line, no control characters; the payload stays exact",
            {"title": "a\nb\x1b[2J", "payload": "/p\x07"},
            Button("a b (/p)", "/p\x07"),
        ),
    ],
)
def test_a_button(rule: str, given_button: Any, expected: Button) -> None:
    (button,) = buttons_of({"buttons": [given_button]})

    assert button == expected, rule


@pytest.mark.parametrize("key", ["buttons", "quick_replies"])
def test_buttons_and_quick_replies_are_numbered_from_1_in_rasas_format(key: str) -> None:
    buttons = buttons_of({"text": "Sure?", key: YES_NO})

    assert button_lines(buttons) == ["Buttons:", "1: yes (/affirm)", "2: no (/deny)"]


@pytest.mark.parametrize("item", [{}, {"buttons": []}, {"buttons": None}, {"buttons": "x"}])
def test_no_buttons(item: dict[str, Any]) -> None:
    assert button_lines(buttons_of(item)) == []


def test_the_latest_message_with_buttons_offers_them() -> None:
    first, second = {"buttons": YES_NO[:1]}, {"buttons": YES_NO[1:]}

    assert latest_buttons([first, second, {"image": "i"}]) == buttons_of(second)
    assert latest_buttons([{"text": "t"}]) == []


@pytest.mark.parametrize(
    ("line", "payload"),
    [
        ("1", "/affirm"),
        ("2", "/deny"),
        ("0", None),
        ("3", None),
        ("-1", None),
        ("1.", None),
        ("yes", None),
        ("", None),
        ("²", None),
        ("٢", None),
        ("9" * 5000, None),
    ],
)
def test_only_a_bare_number_in_range_picks_a_button(line: str, payload: str | None) -> None:
    button = picked(line, buttons_of({"buttons": YES_NO}))

    assert (button.payload if button else None) == payload


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, with tab\tand line\n", "plain, with tab\tand line\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.test\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jtext", "text"),
        ("\x90q1\x9ctext", "text"),
        ("\x1bctext", "text"),
        ("over\rwritten", "over\nwritten"),
        ("bell\x07 back\x08 del\x7f nul\x00", "bell back del nul"),
        ("half a pair \ud83d", "half a pair \ufffd"),
        ("\U0001f642 é \u200f ok", "\U0001f642 é \u200f ok"),
    ],
)
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text(alphabet=st.characters(max_codepoint=0xFF)))
def test_nothing_that_steers_a_terminal_survives(text: str) -> None:
    allowed = {"\n", "\t"}
    steering = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - allowed

    for line in body_lines({"text": text, "image": text, "custom": {text: text}}):
        assert not steering & set(line)
    assert not steering & set(str(AnswerError(text)))


@given(st.lists(st.text(min_size=1), max_size=8), st.lists(st.integers(1, 30), min_size=1))
def test_lines_are_whole_wherever_chunks_break(texts: list[str], sizes: list[int]) -> None:
    items = [{"text": text} for text in texts]
    stream = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    rest, chunks = stream.encode(), list[bytes]()
    while rest:
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(rest[:size])
        rest = rest[size:]

    assert list(items_of(lines_of(chunks))) == items


@pytest.mark.parametrize(
    ("rule", "documents", "expected"),
    [
        ("one message a line", [b'{"text":"a"}', b'{"text":"b"}'], ["a", "b"]),
        ("the array of an answer without stream", [b'[{"text":"a"},{"text":"b"}]'], ["a", "b"]),
        ("an agent that says nothing", [b"[]"], []),
        ("blank lines", [b"", b" \r", b'{"text":"a"}'], ["a"]),
        ("a message of a channel's own with a key error", [b'{"error":"e","text":"a"}'], ["a"]),
        (
            "an addressed message with a key error is no error line",
            [b'{"recipient_id":"me","error":{},"text":"a"}'],
            ["a"],
        ),
    ],
)
def test_items_of(rule: str, documents: list[bytes], expected: list[str]) -> None:
    assert [item["text"] for item in items_of(documents)] == expected, rule


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        (b'{"text": "a"', """'{"text": "a"' is not a bot's message in JSON"""),
        (b"<html>\x1b[2J</html>", "<html>"),
        (b"5", "'5' is not"),
        (b'["a"]', "is not a bot's message"),
        (b"\xff\xfe\xfd", "is not a bot's message"),
        (b"[" * 100_000, "[[["),
        (b'{"error": {"status": 502, "message": "gone"}}', "The assistant failed: 502: gone"),
    ],
)
def test_what_is_no_message_is_told(document: bytes, cause: str) -> None:
    with pytest.raises(AnswerError) as raised:
        list(items_of([document]))

    assert cause in str(raised.value)
    assert len(str(raised.value)) < 300


def test_messages_before_a_broken_line_are_delivered() -> None:
    items = items_of([b'{"text":"a"}', b"oops"])

    assert next(items) == {"text": "a"}
    with pytest.raises(AnswerError):
        next(items)


def test_json_too_deep_to_show_is_said_to_be() -> None:
    custom: dict[str, Any] = {}
    for _ in range(20_000):  # more than any encoder follows
        custom = {"a": custom}

    assert body_lines({"custom": custom}) == ["Custom json:", "(nested too deeply to be shown)"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"status": 502, "description": "Bad Gateway", "message": "m"}, "502 Bad Gateway: m"),
        ({"status": 502, "description": "Bad Gateway"}, "502 Bad Gateway"),
        ({"message": "Internal Server Error"}, "Internal Server Error"),
        ({"message": {"why": 1}}, '{"why": 1}'),
        ({}, ""),
    ],
)
def test_error_text(error: dict[str, Any], expected: str) -> None:
    assert error_text(error) == expected


def test_the_error_line_of_our_rest_channel_is_understood() -> None:
    async def fail(message: UserMessage) -> None:
        await message.output_channel.send_text_message("me", "so far")
        raise AgentTimeout("the agent took too long")

    body = b'{"sender": "me", "message": "hi"}'
    request = Request("POST", "/webhook", {}, body, "stream=true")
    channel = RestInput()
    response = asyncio.run(channel.answer(request, channel.parse(request), fail))
    items = items_of(lines_of([response.body]))

    assert next(items) == {"recipient_id": "me", "text": "so far"}
    with pytest.raises(AnswerError, match=r"504 Gateway Timeout: the agent took too long"):
        next(items)
