"""Text with Telegram's markup: escape it, strip it, and split it into self-contained parts.

https://core.telegram.org/bots/api#formatting-options
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from channels.messages.text import split_messages, utf16_units

if TYPE_CHECKING:
    from collections.abc import Callable

    type Split = Callable[[str, int, Callable[[str], int]], list[str]]

#: Longest text of a message, and of a caption (UTF-16 code units).
MAX_TEXT = 4096
MAX_CAPTION = 1024

#: Room for the marks that close open formatting before a split and reopen it after.
_ROOM = 128

_TAG = re.compile(r"</?\s*([a-zA-Z][\w-]*)[^<>]*>")
_HTML_TOKENS = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;")
_MARKDOWN_TOKENS = re.compile(
    r"(?P<whole>```.*?```)|`[^`\n]{1,500}`|\\.|!?\[[^\]\n]{1,500}\]\([^)\n]*\)|__|\|\||[*_~]",
    re.DOTALL,
)
_SPECIAL = {"MarkdownV2": r"[_*\[\]()~`>#+\-=|{}.!\\]", "Markdown": r"[_*`\[]"}

#: Private-use characters that stand in for tokens while a text is split: no token may be cut.
_STAND_IN = 0xF0000
_STAND_INS = re.compile("[\U000f0000-\U000ffffd]")
_MOST_TOKENS = 0xFFFD


def escape(text: str, parse_mode: str | None) -> str:
    """Escape plain text for a mode: `HTML`, `MarkdownV2`, `Markdown` or None."""
    if parse_mode == "HTML":
        return html.escape(text, quote=False)
    special = _SPECIAL.get(parse_mode or "")
    return re.sub(special, r"\\\g<0>", text) if special else text


def plain(text: str, parse_mode: str) -> str:
    """Make a text legible that Telegram could not parse in its mode."""
    return html.unescape(_TAG.sub("", text)) if parse_mode == "HTML" else text


def split_marked(text: str, parse_mode: str | None, split: Split = split_messages) -> list[str]:
    """Split a text into messages: one per paragraph, or more if a paragraph is too long.

    Pass `split_text` as `split` to keep paragraphs together. Formatting (bold, links, ...) that
    spans a split is closed before it and reopened after it.
    """
    pattern = _HTML_TOKENS if parse_mode == "HTML" else _MARKDOWN_TOKENS
    if parse_mode is None or _STAND_INS.search(text) or len(pattern.findall(text)) > _MOST_TOKENS:
        return split(text, MAX_TEXT, utf16_units)
    tokens: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        if match.groupdict().get("whole"):
            return match[0]
        tokens.append(match[0])
        return chr(_STAND_IN + len(tokens) - 1)

    stood_in = pattern.sub(stand_in, text)
    written = _writer(tokens)
    parts = split(stood_in, MAX_TEXT - _ROOM, lambda part: utf16_units(written(part)))
    if len(parts) == 1:
        return [written(parts[0])]
    opened: list[str] = []
    update = _html_opened if parse_mode == "HTML" else _markdown_opened
    messages = []
    for part in parts:
        before = "".join(opened)
        for token in _tokens_of(part, tokens):
            update(opened, token)
        after = "".join(_closing(mark) for mark in reversed(opened))
        messages.append(f"{before}{written(part)}{after}")
    return messages


def _writer(tokens: list[str]) -> Callable[[str], str]:
    table = {_STAND_IN + number: token for number, token in enumerate(tokens)}
    return lambda part: part.translate(table)


def _tokens_of(part: str, tokens: list[str]) -> list[str]:
    numbers = (ord(character) - _STAND_IN for character in part)
    return [tokens[number] for number in numbers if 0 <= number < len(tokens)]


def _html_opened(opened: list[str], token: str) -> None:
    tag = _TAG.fullmatch(token)
    if tag is None:
        return
    if not token.startswith("</"):
        opened.append(token)
    elif opened:
        opened.pop()


def _markdown_opened(opened: list[str], token: str) -> None:
    if token not in ("*", "_", "__", "~", "||"):
        return
    if token in opened:
        opened.remove(token)
    else:
        opened.append(token)


def _closing(mark: str) -> str:
    tag = _TAG.fullmatch(mark)
    return f"</{tag[1]}>" if tag else mark
