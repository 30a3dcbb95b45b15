"""Split long texts into messages within a platform's limit, without losing content.

Platforms count differently: characters (`len`), UTF-16 units (Telegram), UTF-8 bytes (Webex, Google
Chat, Instagram). A cut never falls inside a grapheme. A code block that must be cut is closed
before the cut and reopened after it; a table goes on with its header.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    type Measure = Callable[[str], int]

#: Where to cut, best first: a blank line, a line end, the end of a sentence, a space.
_CUTS = (r"\n[^\S\n]*(?=\n)", r"\n", r"[.!?…。！？][\"'”’)\]]*(?=\s)|[。！？]", r"\s")  # noqa: RUF001
_CUT_PATTERNS = [re.compile(pattern) for pattern in _CUTS]

#: The white space left out at a cut: line ends with any blank lines around them, but not the
#: indentation of the following line; otherwise spaces.
_WHITE_SPACE = re.compile(r"[^\S\n]*\n(?:[^\S\n]*\n)*|\s+")

_FENCE = re.compile(r"^ {0,3}(`{3,})([^`\n]*)$", re.MULTILINE)

#: A table: the header, the row of dashes, and rows with bars (GitHub's Markdown). Its quantifiers
#: are possessive, so no text takes long to search.
_TABLE = re.compile(
    r"^(?=[^\n|]*+\|)([^\n]*+)\n(?=[^\n|:]*+[|:])(?=[^\n-]*+-)"
    r"([ \t]*+\|?+(?:[ \t]*+:?-++:?[ \t]*+\|)*+(?:[ \t]*+:?-++:?)?+[ \t\r]*+)\n"
    r"(?:(?=[^\n|]*+\|)[^\n]*+(?:\n|\Z))++",
    re.MULTILINE,
)
_BAR = re.compile(r"(?<!\\)\|")

_JOINER = "\u200d"

#: The smallest limit with room for a code block's marks and some of its text.
_LEAST_LIMIT = 16


class _Block(NamedTuple):
    """A code block or a table: the positions of its first line, body, last mark and end.

    A part that begins inside it begins with `opening`, one that ends inside it with `closing`.
    """

    start: int
    body: int
    close: int
    end: int
    opening: str
    closing: str


def utf16_units(text: str) -> int:
    """Return the length of a text in UTF-16 code units, as Telegram and JavaScript count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_bytes(text: str) -> int:
    """Return the length of a text in UTF-8 bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


def split_messages(text: str, limit: int, measure: Measure = len) -> list[str]:
    """Split a bot's text into messages: one per paragraph as in Rasa, long ones split further.

    Returns [] for a blank text.
    """
    return [
        part
        for paragraph in split_paragraphs(text)
        for part in split_text(paragraph, limit, measure)
    ]


def split_paragraphs(text: str) -> list[str]:
    """Split a text at blank lines, as Rasa does.

    Code blocks stay whole, blank parts are dropped.
    """
    fences = _fences(text)
    parts, start = [], 0
    for match in re.finditer(r"\n\n", text):
        if match.start() >= start and not any(_holds(each, match.start()) for each in fences):
            parts.append(text[start : match.start()])
            start = match.end()
    parts.append(text[start:])
    return [part.strip("\r\n") for part in parts if part.strip()]


def split_text(text: str, limit: int, measure: Measure = len) -> list[str]:
    """Split a text into parts no longer than `limit` by `measure`; return [] for a blank text.

    Cuts are made preferably at blank lines, then line ends, sentence ends and spaces; the white
    space at a cut is left out. Raises ValueError for a limit below 16.
    """
    if limit < _LEAST_LIMIT:
        raise ValueError(f"a limit of {limit} is too short to split a text")
    splitter = _Splitter(text, limit, measure)
    parts = []
    while splitter.rest.strip():
        parts.append(splitter.part())
    return parts if len(parts) == 1 else [part.rstrip() for part in parts if part.strip()]


class _Splitter:
    """Splits a text from its start; `part` returns the next part."""

    def __init__(self, text: str, limit: int, measure: Measure) -> None:
        self._text = text
        self._limit = limit
        self._measure = measure
        # A block whose marks alone would fill half a message is cut like any other text.
        self._blocks = [
            each
            for each in _blocks(text)
            if measure(f"{each.opening}\n{each.closing}") <= limit // 2
        ]
        self._start = 0
        self._inside: _Block | None = None

    @property
    def rest(self) -> str:
        return self._text[self._start :]

    def part(self) -> str:
        opening = f"{self._inside.opening}\n" if self._inside else ""
        # Every character measures at least one.
        if len(self.rest) <= self._limit and self._measure(opening + self.rest) <= self._limit:
            self._start, rest = len(self._text), self.rest
            return opening + rest
        end = self._end(self._measure(opening))
        block = self._block_at(end)
        if block is None:
            cut = _best_cut(self._text, self._start, end)
            whole = self._block_at(cut)
            return opening + self._cut(whole.end if whole else cut)
        if self._text[self._start : block.start].strip():
            return opening + self._cut(block.start)
        return opening + self._cut_inside(block, opening)

    def _block_at(self, position: int) -> _Block | None:
        return next((each for each in self._blocks if _holds(each, position)), None)

    def _end(self, taken: int) -> int:
        """Return the furthest position that a part may reach when `taken` of the limit is used."""
        positions = range(self._start, min(self._start + self._limit, len(self._text)) + 1)

        def length(end: int) -> int:
            return self._measure(self._text[self._start : end])

        fitting = bisect_right(positions, self._limit - taken, key=length) - 1
        return positions[max(fitting, 1)]

    def _cut(self, cut: int) -> str:
        """Return the text up to `cut`; the next part begins after the white space there."""
        part = self._text[self._start : cut]
        self._start = _after_white_space(self._text, cut)
        self._inside = None
        return part.rstrip()

    def _cut_inside(self, block: _Block, opening: str) -> str:
        """Return a closed piece of a block, of whole lines if they fit.

        The next part reopens it.
        """
        end = self._end(self._measure(opening + block.closing))
        first = max(block.body, self._start)
        cut = self._text.rfind("\n", first, min(end + 1, block.close))
        if cut < first or not self._text[first:cut].strip():
            cut = _boundary_before(self._text, first, min(end, block.close - 1))
        part = self._text[self._start : cut] + block.closing
        self._start = cut + 1 if self._text[cut] == "\n" else cut
        self._inside = block
        if self._start >= block.close:
            self._start, self._inside = _after_white_space(self._text, block.end), None
        return part


def _blocks(text: str) -> list[_Block]:
    """Return the code blocks and tables of a text; what looks like a table in code is code."""
    fences = _fences(text)
    tables = []
    for match in _TABLE.finditer(text) if "|" in text else ():
        columns = {len(_BAR.findall(row.strip().strip("|"))) for row in match.groups()}
        if len(columns) == 1 and not any(_holds(each, match.start()) for each in fences):
            close = match.end() - match[0].endswith("\n")
            opening = f"{match[1]}\n{match[2]}".rstrip()
            tables.append(_Block(match.start(), match.end(2) + 1, close, close, opening, ""))
    return [*fences, *tables]


def _fences(text: str) -> list[_Block]:
    """Return the code blocks of a text; an opening mark that is never closed does not start one."""
    fences = []
    opening: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opening is None:
            opening = match
        elif not match[2].strip() and len(match[1]) >= len(opening[1]):
            positions = opening.start(), opening.end() + 1, match.start(), match.end()
            fences.append(_Block(*positions, opening[0].strip(), f"\n{opening[1]}"))
            opening = None
    return fences


def _holds(block: _Block, position: int) -> bool:
    return block.start < position < block.end


def _best_cut(text: str, start: int, end: int) -> int:
    """Return the best place to cut after `start` and not after `end`."""
    least = start + (end - start) // 3  # shorter parts would mean many messages
    choices = [(pattern, least) for pattern in _CUT_PATTERNS]
    for pattern, after in [*choices, (_CUT_PATTERNS[-1], start)]:
        # One character more, because a cut right before white space is a good one too.
        matches = pattern.finditer(text, after, min(end + 1, len(text)))
        cuts = (_cut_of(match) for match in matches)
        good = [cut for cut in cuts if after < cut <= end and _is_boundary(text, cut)]
        if good:
            return good[-1]
    return _boundary_before(text, start, end)


def _cut_of(match: re.Match[str]) -> int:
    """Cut before white space, but after the end of a sentence."""
    return match.start() if match[0].isspace() else match.end()


def _boundary_before(text: str, start: int, end: int) -> int:
    """Return the last grapheme boundary up to `end`, or `end` if one grapheme fills the range."""
    return next((cut for cut in range(end, start, -1) if _is_boundary(text, cut)), end)


def _after_white_space(text: str, cut: int) -> int:
    match = _WHITE_SPACE.match(text, cut)
    if match is None:
        return cut
    end = match.end()
    # A mark that combines with a space needs that space.
    return end - 1 if end < len(text) and _extends(text[end]) else end


def _is_boundary(text: str, position: int) -> bool:
    """Return whether a text may be cut here: between graphemes (UAX #29, with a safety margin)."""
    if not 0 < position < len(text):
        return True
    before, after = text[position - 1], text[position]
    if before == _JOINER or _extends(after) or (before, after) == ("\r", "\n"):
        return False
    if _is_regional(before) and _is_regional(after):
        flags = 0
        while flags < position and _is_regional(text[position - 1 - flags]):
            flags += 1
        return flags % 2 == 0
    return not (_continues_hangul(before, after) or before in _PREPENDED)


def _extends(character: str) -> bool:
    """Return whether a character belongs to the one before it.

    These are marks, joiners, the vowels of Thai and Lao that are not marks, emoji modifiers and
    tags. Characters unknown to this Python's Unicode version may be marks too.
    """
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me", "Cn")
        or character in ("\u0e33", "\u0eb3", "\u200c", _JOINER, "\uff9e", "\uff9f")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _continues_hangul(before: str, after: str) -> bool:
    """Return whether two Korean letters share a syllable: L with L, V or a syllable; V with T."""
    is_syllable = "\uac00" <= after <= "\ud7a3"
    if "\u1160" <= after <= "\u11ff":
        return "\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    return "\u1100" <= before <= "\u115f" and ("\u1100" <= after <= "\u115f" or is_syllable)


#: Number signs, which enclose what follows them, and letters that precede a consonant (Unicode 16,
#: Grapheme_Cluster_Break=Prepend).
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e"
    "\U000110bd\U000110cd\U000111c2\U000111c3\U000113d1\U0001193f\U00011941\U00011a84"
    "\U00011a85\U00011a86\U00011a87\U00011a88\U00011a89\U00011d46\U00011f02"
)
