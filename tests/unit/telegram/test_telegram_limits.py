"""Telegram's limits: nothing is longer than it takes, and nothing is left out."""

import asyncio
import html.parser
import re

import pytest
import telegram.constants
from hypothesis import example, given
from hypothesis import strategies as st

from channels.messages.payloads import is_key
from channels.messages.text import split_text, utf16_units
from channels.telegram.keyboard import MAX_BUTTONS
from channels.telegram.markup import MAX_CAPTION, MAX_TEXT, escape, plain, split_marked
from channels.telegram.output import TelegramOutput
from channels.telegram.payloads import MAX_CALLBACK_DATA, callback_data
from tests.unit.telegram.bot import CHAT, KeyValueStore

IMAGE = "https://example.com/i.png"
WAVE = "\U0001f44b"


class Api:
    """Takes every call."""

    def __init__(self):
        self.calls = []

    def call(self, method, parameters):
        self.calls.append((method, parameters))
        return {"message_id": len(self.calls)}


def say(response, **settings):
    api = Api()
    output = TelegramOutput("1:a", api=api, reply_to={"chat_id": CHAT}, **settings)
    asyncio.run(output.send_response(str(CHAT), response))
    return api.calls


def test_the_limits_are_those_that_telegrams_library_knows():
    limits = telegram.constants
    assert MAX_TEXT == limits.MessageLimit.MAX_TEXT_LENGTH
    assert MAX_CAPTION == limits.MessageLimit.CAPTION_LENGTH
    assert MAX_CALLBACK_DATA == limits.InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    assert MAX_BUTTONS == limits.InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("x" * 4096, [4096]),
        ("x" * 4097, [4096, 1]),
        (WAVE * 2048, [4096]),
        (WAVE * 2049, [4096, 2]),
        ("word " * 1000, [4094, 904]),
    ],
)
def test_a_text_is_split_by_utf16_units(text, sizes):
    calls = say({"text": text})
    assert [utf16_units(each["text"]) for _, each in calls] == sizes
    assert "".join(each["text"] for _, each in calls).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("count", "button_type", "rows"),
    [
        (8, "inline", [[8]]),
        (9, "inline", [[8, 1]]),
        (100, "inline", [[8] * 12 + [4]]),
        (101, "inline", [[8] * 12, [5]]),
        (100, "vertical", [[1] * 100]),
        (201, "vertical", [[1] * 100, [1] * 100, [1]]),
        (150, "reply", [[1] * 150]),
    ],
)
def test_no_button_is_left_out(count, button_type, rows):
    buttons = [{"title": f"T{n}", "payload": f"/p{n}"} for n in range(count)]
    calls = say({"text": "?", "buttons": buttons, "button_type": button_type})
    key = "keyboard" if button_type == "reply" else "inline_keyboard"
    boards = [each["reply_markup"][key] for _, each in calls]
    assert [[len(row) for row in board] for board in boards] == rows
    found = [button["text"] for board in boards for row in board for button in row]
    assert found == [button["title"] for button in buttons]
    assert all(each["text"] for _, each in calls)


def test_the_buttons_stand_below_the_end_of_a_long_text():
    calls = say({"text": "word " * 1000, "buttons": [{"title": "T"}]})
    assert ["reply_markup" in each for _, each in calls] == [False, True]


def test_a_card_with_a_long_text_is_image_and_text():
    text = "x" * 1020
    first, *_ = say({"elements": [{"title": text, "subtitle": "y", "image_url": IMAGE}]})
    assert first[1]["caption"] == f"{text} : y"
    calls = say({"elements": [{"title": text, "subtitle": "yy", "image_url": IMAGE}]})
    assert calls == [
        ("sendPhoto", {"chat_id": CHAT, "photo": IMAGE}),
        ("sendMessage", {"chat_id": CHAT, "text": f"{text} : yy"}),
    ]


def test_a_card_with_many_buttons_has_them_below_it():
    buttons = [{"title": f"T{n}"} for n in range(101)]
    methods = [
        method for method, _ in say({"elements": [{"image_url": IMAGE, "buttons": buttons}]})
    ]
    assert methods == ["sendPhoto", "sendMessage", "sendMessage"]


def test_a_long_custom_text_is_split_too():
    markup = {"force_reply": True}
    custom = {"text": "word " * 1000, "reply_markup": markup, "disable_notification": True}
    first, second = say({"custom": custom})
    assert first[1].keys() == {"chat_id", "text", "disable_notification"}
    assert second[1].keys() == {"chat_id", "text", "disable_notification", "reply_markup"}
    assert say({"custom": {"text": " " * 5000, "reply_markup": markup}}) == []


@given(payload=st.text(min_size=1, max_size=80))
def test_a_buttons_data_takes_at_most_64_bytes_and_stands_for_one_payload(payload):
    memory = KeyValueStore()
    [(_, call)] = say({"buttons": [{"title": "T", "payload": payload}]}, memory=memory)
    data = call["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert 1 <= len(data.encode("utf-8", "surrogatepass")) <= MAX_CALLBACK_DATA
    assert memory.get(data, data) == payload


def test_a_payload_that_looks_like_a_key_cannot_be_taken_for_another_one():
    key = callback_data("x" * 100)
    assert is_key(key)
    assert callback_data(key) not in (key, "x" * 100)


@pytest.mark.parametrize(
    ("mode", "written"),
    [
        (None, "a_b <c> & *d*."),
        ("HTML", "a_b &lt;c&gt; &amp; *d*."),
        ("MarkdownV2", r"a\_b <c\> & \*d\*\."),
        ("Markdown", r"a\_b <c> & \*d\*."),
    ],
)
def test_what_is_no_markup_is_escaped(mode, written):
    assert escape("a_b <c> & *d*.", mode) == written
    [(_, call)] = say({"elements": [{"title": "a_b <c> & *d*."}]}, parse_mode=mode)
    assert (call["text"], call.get("parse_mode")) == (written, mode)


@pytest.mark.parametrize("response", [{"attachment": "a_b"}, {"custom": {"a": "<b>"}}])
def test_what_is_ours_has_no_mode(response):
    [(_, call)] = say(response, parse_mode="HTML")
    assert "parse_mode" not in call


def test_a_response_may_have_a_mode_of_its_own():
    [(_, call)] = say({"text": "*a*", "parse_mode": "MarkdownV2"}, parse_mode="HTML")
    assert call["parse_mode"] == "MarkdownV2"
    [(_, call)] = say({"text": "*a*", "parse_mode": "odd"}, parse_mode="HTML")
    assert "parse_mode" not in call
    [(_, call)] = say({"custom": {"text": "a", "parse_mode": "Markdown"}}, parse_mode="HTML")
    assert call["parse_mode"] == "Markdown"
    [(_, call)] = say({"custom": {"text": "a"}}, parse_mode="HTML")
    assert call["parse_mode"] == "HTML"


def test_bold_text_that_is_split_is_bold_in_each_part():
    calls = say({"text": f"<b>{'word ' * 1000}</b>"}, parse_mode="HTML")
    assert len(calls) == 2
    assert all(re.fullmatch(r"<b>[word ]+</b>", each["text"]) for _, each in calls)


def test_paragraphs_within_one_element_are_closed_and_opened_again():
    text = '<i>see <a href="https://example.com/a b">this\n\nand</a> that</i> &amp; more'
    assert split_marked(text, "HTML") == [
        '<i>see <a href="https://example.com/a b">this</a></i>',
        '<i><a href="https://example.com/a b">and</a> that</i> &amp; more',
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("*a\n\nb*", ["*a*", "*b*"]),
        ("*a _b\n\nc_ d*", ["*a _b_*", "*_c_ d*"]),
        (r"1\*2 \\_a" + "\n\nb_", [r"1\*2 \\_a_", "_b_"]),
        ("`*` a\n\nb", ["`*` a", "b"]),
        ("[*x*](https://e.x/_) a\n\nb", ["[*x*](https://e.x/_) a", "b"]),
        ("```\n*\n\n*\n```\n\n~x~ ||y||", ["```\n*\n\n*\n```", "~x~ ||y||"]),
    ],
)
def test_markdown_is_closed_and_opened_again(text, parts):
    assert split_marked(text, "MarkdownV2") == parts


class Nesting(html.parser.HTMLParser):
    """Reads as Telegram does: each end tag closes the last open one, all are closed at the end."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.is_sound = [], "", True

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        self.is_sound &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(part):
    reader = Nesting()
    reader.feed(part)
    reader.close()
    assert reader.is_sound
    assert reader.open == []
    return reader.text


WORDS = st.sampled_from(
    ["word ", "x" * 50, "&lt;", "&amp;", "\n", "\n\n", ". ", WAVE, "caf\u00e9 "]
)
TAGS = st.sampled_from(["b", "i", "code", 'a href="https://example.com/a b?c=d"'])
HTML = st.recursive(
    st.lists(WORDS, max_size=12).map("".join),
    lambda inner: st.lists(
        inner | st.tuples(TAGS, inner).map(lambda p: f"<{p[0]}>{p[1]}</{p[0].split()[0]}>"),
        max_size=5,
    ).map("".join),
    max_leaves=8,
)


@given(text=HTML, times=st.sampled_from([1, 30]))
def test_each_part_of_html_is_sound_and_none_of_its_text_is_lost(text, times):
    text *= times
    for split in (None, split_text):
        parts = split_marked(text, "HTML", split) if split else split_marked(text, "HTML")
        shown = [read(part) for part in parts]
        assert all(utf16_units(each) <= MAX_TEXT for each in shown)
        assert "".join("".join(shown).split()) == "".join(read(text).split())


@example(text="\U000f0000 <b>", mode="HTML")
@given(text=st.text() | HTML, mode=st.sampled_from([None, "HTML", "MarkdownV2", "Markdown"]))
def test_escaped_text_is_one_message_again(text, mode):
    parts = split_marked(escape(text, mode), mode, split_text)
    assert "".join(parts) == (escape(text, mode) if text.strip() else "")


@pytest.mark.parametrize(
    ("text", "mode", "shown"),
    [
        ("<b>a</b> &lt;b&gt; 1 < 2", "HTML", "a <b> 1 < 2"),
        ('<a href="x">y', "HTML", "y"),
        ("*a*", "Markdown", "*a*"),
    ],
)
def test_markup_is_taken_off(text, mode, shown):
    assert plain(text, mode) == shown
