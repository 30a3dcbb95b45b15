"""Line ends of texts for Teams, judged by a reader of CommonMark."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from channels.botframework.line_breaks import card_html, card_units, hard_breaks
from channels.messages.text import utf16_units

MARKDOWN = MarkdownIt("commonmark").enable("table")

#: A text, and what is sent; None where it stays as it is.
TEXTS = {
    "one line": ("hello", None),
    "nothing": ("", None),
    "lines": ("Your order:\n1 pizza\n1 cola", "Your order:  \n1 pizza  \n1 cola"),
    "lines of Windows": ("a\r\nb\r\nc", "a  \nb  \nc"),
    "lines of an old Mac": ("a\rb", "a  \nb"),
    "a text that ends with its line": ("a\nb\n", "a  \nb\n"),
    "a text that begins with a blank line": ("\n\na\nb", "\n\na  \nb"),
    "a space at the end": ("a \nb", "a  \nb"),
    "spaces and a tab at the end": ("a \t\nb", "a  \nb"),
    "breaks that are there already": ("a  \nb   \nc", None),
    "a break by a backslash": ("a\\\nb", None),
    "a backslash that is one": ("a\\\\\nb", "a\\\\  \nb"),
    "paragraphs": ("a\nb\n\nc\nd", "a  \nb\n\nc  \nd"),
    "paragraphs of Windows": ("a\r\n\r\nb\r\nc", "a\r\n\r\nb  \nc"),
    "dots that are no list": ("\u2022 a\n\u2022 b", "\u2022 a  \n\u2022 b"),
    "numbers that are no list": ("a\n2. b\n3. c", "a  \n2. b  \n3. c"),
    "a list": ("- a\n- b", None),
    "a list below a line": ("Menu:\n- a\n- b", None),
    "a numbered list": ("Menu:\n1. a\n2. b", None),
    "a list in a list": ("* a\n  * b\n    c\n* d", None),
    "a list with paragraphs": ("- a\n\n  b\n  c\n\n- d", None),
    "lines behind a list": ("- a\n- b\n\nc\nd", "- a\n- b\n\nc  \nd"),
    "code": ("a\nb\n```\nc\nd\n\ne\n```\nf\ng", "a  \nb\n```\nc\nd\n\ne\n```\nf  \ng"),
    "code by tildes": ("~~~py\na\nb\n```\nc\n~~~\nd\ne", "~~~py\na\nb\n```\nc\n~~~\nd  \ne"),
    "code of Windows": ("```\r\na\r\nb\r\n```", None),
    "code without an end": ("a\n```\nb\nc", None),
    "code in a list": ("- a\n  ```\n  b\n\n  c\n  d\n  ```\n  e", None),
    "indented code": ("a\n\n    b\n    c\n\nd\ne", "a\n\n    b\n    c\n\nd  \ne"),
    "an indented line of a paragraph": ("a\n    b\nc", "a  \n    b  \nc"),
    "code within a line": ("a `b` c\nd", "a `b` c  \nd"),
    "code over two lines": ("a `b\nc` d\ne", "a `b\nc` d  \ne"),
    "a table": ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", None),
    "a table below a line": (
        "x\na | b\n--- | ---\n1 | 2\n\nc\nd",
        "x\na | b\n--- | ---\n1 | 2\n\nc  \nd",
    ),
    "bars that are no table": ("a | b\nc | d", "a | b  \nc | d"),
    "a quote": ("> a\n> b\nc\n\nd\ne", "> a\n> b\nc\n\nd  \ne"),
    "a heading": ("# a\nb\nc", "# a\nb  \nc"),
    "a heading below lines": ("a\nb\n# c", "a  \nb\n# c"),
    "an underlined heading": ("a\n===\nb\nc", "a\n===\nb  \nc"),
    "a rule": ("a\n\n---\nb\nc", "a\n\n---\nb  \nc"),
    "a mention": ("<at>Ann</at> hello\nthere", "<at>Ann</at> hello  \nthere"),
    "markup": ("<pre>a\nb</pre>\n\nc\nd", "<pre>a\nb</pre>\n\nc  \nd"),
}


@pytest.mark.parametrize(("text", "sent"), TEXTS.values(), ids=TEXTS)
def test_the_lines_of_a_text(text, sent):
    assert hard_breaks(text) == (text if sent is None else sent)


LINES = [
    *("a", "b c", "d.", "", " ", "\u2022 e", "f `g`", "`h", "i` j", "k\\", "l  ", "m ", "n\t"),
    *("  v", "   w", "    x", "\ty", "# A", "## B", "---", "===", "***", "- - -", "**G**"),
    *("```", "```py", "~~~", "````", "| C | D |", "|---|---|", "|---|", "E | F", "--- | ---"),
]
CONTAINERS = [
    "2. s",
    "- o",
    "* p",
    "+ q",
    "1. r",
    "10) t",
    "- ",
    "  - u",
    "> z",
    ">",
    "> ```",
    "- ~~~",
]


def texts(lines):
    return st.lists(st.sampled_from(lines), max_size=12).flatmap(
        lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
    )


def shown(text, soft="softbreak"):
    """The HTML of a text, `soft` in place of line ends that are shown as spaces."""
    tokens = MARKDOWN.parse(text)
    for token in tokens:
        for each in token.children or ():
            each.type = soft if each.type == "softbreak" else each.type
    return re.sub(r"\s+<br", "<br", MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))


@given(text=texts(LINES))
def test_every_line_of_a_paragraph_is_shown_as_one(text):
    assert shown(hard_breaks(text)) == shown(text, "hardbreak")


@given(text=texts([*LINES, *CONTAINERS]))
def test_beside_line_breaks_nothing_is_shown_otherwise(text):
    assert shown(hard_breaks(text), "hardbreak") == shown(text, "hardbreak")


@given(text=texts([*LINES, *CONTAINERS]))
def test_breaks_are_made_once(text):
    assert hard_breaks(hard_breaks(text)) == hard_breaks(text)


@given(text=st.text(alphabet="a \n\r\t`~>|-*#1.\\", max_size=40))
def test_nothing_is_lost(text):
    assert "".join(hard_breaks(text).split()) == "".join(text.split())


CARDS = {
    "a line": ("a", "a"),
    "lines": ("a\nb\r\nc", "a<br>b<br>c"),
    "paragraphs": ("a\n\nb\n", "a<br><br>b"),
    "nothing": ("", ""),
    "markup": ("Pick <one> & go", "Pick &lt;one&gt; &amp; go"),
    "code in a line": ("and `x<y>`\n- a", "and `x&lt;y&gt;`<br>- a"),
    "code": (
        "Do:\n```py\nif a < b:\n    c\n\nd\n```\nBye",
        "Do:<pre>if a &lt; b:<br>    c<br><br>d</pre>Bye",
    ),
    "code by tildes": ("~~~\na\n```\nb\n~~~", "<pre>a<br>```<br>b</pre>"),
    "blocks of code": ("```\na\n```\n\n```\nb\n```", "<pre>a</pre><pre>b</pre>"),
    "code without an end": ("```\na\nb", "```<br>a<br>b"),
    "code without a line": ("a\n```\n```\nb", "a<br>b"),
}


@pytest.mark.parametrize(("text", "sent"), CARDS.values(), ids=CARDS)
def test_the_text_of_a_hero_card(text, sent):
    assert card_html(text) == sent


@given(text=st.text(alphabet="a \n`~<&", max_size=60))
def test_a_cards_text_is_never_longer_than_it_is_measured(text):
    assert utf16_units(card_html(text)) <= card_units(text)
