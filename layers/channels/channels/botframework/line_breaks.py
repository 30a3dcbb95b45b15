r"""Line breaks for Teams, which reads Markdown and shows the end of a line as a space.

    Your order:\n1 pizza\n1 cola        is shown as: Your order: 1 pizza 1 cola
    Your order:  \n1 pizza  \n1 cola    is shown as it is written: two spaces make a line break

Only line ends that Markdown reads as spaces are changed, those within a paragraph. Code, lists,
quotes, tables, headings and the blank lines between paragraphs stay as they are. Microsoft's other
channels show line ends, or pass them on to a platform that does; there the two spaces would show as
spaces.

Sources: spec.commonmark.org, "Hard line breaks"; github.com/microsoft/botframework-sdk/issues/5575
and MicrosoftDocs/msteams-docs/issues/740. A hero card's text is a subset of HTML and no Markdown;
its title and subtitle have no format (learn.microsoft.com, "Text formatting in cards"). HTML has
its own line break: botframework-sdk/issues/3182.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from channels.messages.text import utf16_units

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_END = re.compile(r"\r\n|\r|\n")
_HTML_BREAK = "<br>"

#: A block of code; one that never ends is no block.
_CODE_BLOCK = re.compile(
    r"^ {0,3}(`{3,}|~{3,})(?:(?<=`)[^`\n]*|(?<=~)[^\n]*)\n((?:.*\n)*?) {0,3}\1[`~]*[ \t]*$",
    re.MULTILINE,
)

_FENCE = re.compile(r"\s*(`{3,}(?!.*`)|~{3,})")
_INDENTED = re.compile(r" {4}| {0,3}\t")
_ITEM = re.compile(r" *(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
#: The only list items that may directly follow a line of a paragraph.
_INTERRUPTING_ITEM = re.compile(r" {0,3}(?:[-*+]|1[.)])[ \t]+\S")
_QUOTE = re.compile(r" {0,3}>")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_DELIMITERS = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_HTML = re.compile(
    r" {0,3}</?(?:blockquote|details|div|h[1-6]|hr|li|ol|p|pre|section|table|t[dhr]|ul)\b", re.I
)

#: Code within a line or over several; it ends with as many backticks as it begins with.
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)

_ENDS_IN_BREAK = re.compile(r"  +$|(?<!\\)(?:\\\\)*\\$")


def hard_breaks(text: str) -> str:
    """Markdown that shows the lines of its paragraphs as they are written."""
    lines = _LINE_END.split(text)
    ends = [*_LINE_END.findall(text), ""]
    for paragraph in _Blocks().paragraphs(lines):
        for number in _broken(lines, paragraph):
            if not _ENDS_IN_BREAK.search(lines[number]):
                lines[number] = f"{lines[number].rstrip(' \t')}  "
            ends[number] = "\n"
    return "".join(line + end for line, end in zip(lines, ends, strict=True))


def card_html(text: str) -> str:
    """The HTML of a hero card that shows a text as it is written, blocks of code as code."""
    text = "\n".join(_LINE_END.split(text))
    html, end = "", 0
    for block in _CODE_BLOCK.finditer(text):
        code = _html(block[2].removesuffix("\n"))
        html += _html(text[end : block.start()].strip("\n"))
        html += f"<pre>{code}</pre>" if code.strip() else _HTML_BREAK
        end = block.end()
    return html + _html(text[end:].strip("\n"))


def card_units(text: str) -> int:
    """The most that `card_html` makes of a text (UTF-16 units)."""
    return utf16_units(_html(text))


def _html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _HTML_BREAK.join(_LINE_END.split(escaped))


def _broken(lines: list[str], paragraph: range) -> Iterator[int]:
    """The lines of a paragraph that end in a break: not the last one, and none within code."""
    written = "\n".join(lines[number] for number in paragraph)
    code = [found.span() for found in _CODE.finditer(written)]
    position = -1
    for number in paragraph[:-1]:
        position += len(lines[number]) + 1
        if not any(start < position < end for start, end in code):
            yield number


class _Blocks:
    """Separates the paragraphs of a text from everything else in it, line by line."""

    def __init__(self) -> None:
        self._fence = ""
        #: The block before a blank line that is not a paragraph: "list", "quote", "table", "html".
        self._within = ""
        #: The column where the list items' text begins, and whether a blank line has followed.
        self._item_text = 0
        self._is_apart = False

    def paragraphs(self, lines: list[str]) -> Iterator[range]:
        """The lines of each paragraph that is not in a list, quote or table."""
        start: int | None = None
        for number, line in enumerate(lines):
            is_text = self._is_text(line, "" if start is None else lines[number - 1])
            if start is not None and not is_text:
                # The last line before a table's delimiter row is its header.
                yield range(start, number - (self._within == "table"))
                start = None
            if is_text and start is None:
                start = number
        if start is not None:
            yield range(start, len(lines))

    def _is_text(self, line: str, before: str) -> bool:
        """Whether a line belongs to a paragraph; `before` is that paragraph's last line, or ""."""
        if self._fence or not line.strip():
            self._go_on(line)
            return False
        opening = _FENCE.match(line)
        if self._within and self._stays_within(line, opens=opening is not None):
            self._fence = opening[1] if opening else ""
            return False
        self._within = ""
        if opening:
            self._fence = opening[1]
            return False
        if before:
            return self._goes_on_as_text(line, before)
        return not (_INDENTED.match(line) or self._begins_another(line, _ITEM))

    def _go_on(self, line: str) -> None:
        """Read a line of a code block, or a blank line."""
        if self._fence:
            mark = line.strip()
            if len(mark) >= len(self._fence) and not mark.strip(self._fence[0]):
                self._fence = ""
        elif self._within == "list":
            self._is_apart = True
        else:
            self._within = ""

    def _stays_within(self, line: str, *, opens: bool) -> bool:
        """Whether a line belongs to the list, quote or table before it."""
        is_block = bool(_HEADING.match(line) or _RULE.match(line))
        if self._within == "html":
            return True
        if self._within != "list":
            is_block = is_block or opens or bool(_INTERRUPTING_ITEM.match(line))
            is_no_row = _QUOTE.match(line) or _INDENTED.match(line)
            return not is_block and (self._within == "quote" or not is_no_row)
        indent = len(line) - len(line.lstrip())
        if indent >= self._item_text:
            return True
        item = _ITEM.match(line)
        if item and not is_block:
            self._begin_list(item)
            return True
        return not (self._is_apart or is_block or opens or _QUOTE.match(line))

    def _goes_on_as_text(self, line: str, before: str) -> bool:
        if "|" in before and _is_delimiters(line, before):
            self._within = "table"
            return False
        return not (_UNDERLINE.match(line) or self._begins_another(line, _INTERRUPTING_ITEM))

    def _begins_another(self, line: str, item: re.Pattern[str]) -> bool:
        """Whether a line begins a block that is not a paragraph; notes which."""
        if _HEADING.match(line) or _RULE.match(line):
            return True
        if item.match(line):
            self._begin_list(_ITEM.match(line))
        elif _QUOTE.match(line):
            self._within = "quote"
        elif _HTML.match(line):
            self._within = "html"
        return bool(self._within)

    def _begin_list(self, item: re.Match[str] | None) -> None:
        self._within, self._is_apart = "list", False
        self._item_text = len(item[0]) if item else 0


def _is_delimiters(line: str, head: str) -> bool:
    """Whether a line is a table's delimiter row, with as many columns as its header."""
    is_one = _DELIMITERS.match(line) and ("|" in line or ":" in line)
    return bool(is_one) and _columns(line) == _columns(head)


def _columns(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|")))
