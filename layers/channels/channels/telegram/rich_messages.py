"""The text of a rich message, which has blocks in place of a text (Bot API 10.1, June 2026).

    {"blocks": [{"type": "heading", "size": 1, "text": "Order"},
                {"type": "paragraph", "text": ["Please ", {"type": "bold", "text": "cancel"}]}]}

Blocks become light Markdown: lists, quotes, tables and code keep their form, and a blank line
separates blocks. Bold text and links become plain words, as in Telegram's own `text` beside
`entities`. From blocks of unknown types all text is kept. Pure; never raises.
Source: core.telegram.org/bots/api, "RichBlock", "RichText".
"""

from __future__ import annotations

import json
import re

from channels.messages.fields import as_object, object_of, objects_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

#: Content nested deeper is read as plain text; Telegram itself nests blocks at most 16 deep.
_MAX_DEPTH = 32

#: Fields that hold text; a string in any other field is an id, a URL or a type.
_TEXTS = (
    "text",
    "alternative_text",
    "expression",
    "label",
    "summary",
    "title",
    "caption",
    "credit",
)

#: Fields of `_TEXTS` that hold text wherever they stand. The others, such as `title`, also describe
#: what a text names: the chat of a mention.
_WORDS = ("text", "alternative_text", "expression")

#: Not part of what is said: the text that a button copies to the clipboard, and whom a text names.
_UNREAD = ("copy_text", "chat", "user")

#: Matches a label that is a bullet; any other label is the item's number.
_BULLET = re.compile(r"\W*")

#: Media blocks by type: the field that holds the file, and its kind in a message.
_MEDIA = {
    "photo": ("photo", "photo"),
    "video": ("video", "video"),
    "animation": ("animation", "animation"),
    "audio": ("audio", "audio"),
    "voice_note": ("voice_note", "voice"),
    "document": ("document", "document"),
}


def text_of_rich_message(message: dict[str, Any]) -> str:
    """Return the text of a rich message, "" if it contains only media or dividers."""
    blocks = message.get("blocks")
    divides = isinstance(blocks, list) and all(
        as_object(each).get("type") == "divider" for each in blocks
    )
    return "" if divides else _blocks(blocks, 0)


def media_of_rich_message(message: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the files in the blocks, in order, as (kind, the value of a message's field `kind`).

    Files in blocks of unknown types are left out.
    """
    found = []
    for block in _all_objects(message.get("blocks")):
        key, kind = _MEDIA.get(text_of(block, "type"), ("", ""))
        if key and block.get(key):
            found.append((kind, block[key]))
    return found


def _blocks(blocks: Any, depth: int) -> str:
    if not isinstance(blocks, list):
        return _inline(blocks)
    parts = [_block(each, depth) for each in blocks]
    return "\n\n".join(part for part in parts if part.strip())


def _block(block: Any, depth: int) -> str:
    if not isinstance(block, dict) or depth >= _MAX_DEPTH:
        return _inline(block)
    return _BLOCKS.get(text_of(block, "type"), _unknown)(block, depth + 1)


def _unknown(block: dict[str, Any], depth: int) -> str:
    """All text in a block of an unknown type, one line each."""
    lines = [line for key, value in block.items() for line in _lines(key, value, depth)]
    return "\n".join(line for line in lines if line.strip())


def _lines(key: str, value: Any, depth: int) -> list[str]:
    if key in _TEXTS or depth >= _MAX_DEPTH:
        return [_inline(value)]
    if isinstance(value, list):
        return [line for each in value for line in _lines(key, each, depth + 1)]
    return [_block(value, depth)] if isinstance(value, dict) and key not in _UNREAD else []


def _inline(text: Any) -> str:
    """The words of a text: a string, an object around a text, or a list of texts.

    Not recursive: a stranger may nest texts to any depth.
    """
    words = []
    left: list[tuple[Any, bool]] = [(text, True)]
    while left:
        part, is_text = left.pop()
        if isinstance(part, str):
            words.append(part if is_text else "")
        elif isinstance(part, list):
            left += [(each, is_text) for each in reversed(part)]
        elif isinstance(part, dict):
            texts = _TEXTS if is_text else _WORDS
            fields = [(part[key], key in texts) for key in part if key not in _UNREAD]
            left += reversed(fields)
    return "".join(words)


def _all_objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a value, at any depth, in order."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield part
            left += reversed(list(part.values()))
        elif isinstance(part, list):
            left += reversed(part)


def _paragraph(block: dict[str, Any], depth: int) -> str:
    return _inline(block.get("text")).strip()


def _expression(block: dict[str, Any], depth: int) -> str:
    return text_of(block, "expression")


def _preformatted(block: dict[str, Any], depth: int) -> str:
    code = _inline(block.get("text")).rstrip("\n")
    longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{text_of(block, 'language')}\n{code}\n{fence}"


def _divider(block: dict[str, Any], depth: int) -> str:
    return "---"


def _nothing(block: dict[str, Any], depth: int) -> str:
    return ""


def _list(block: dict[str, Any], depth: int) -> str:
    return "\n".join(_item(item, depth) for item in objects_of(block, "items"))


def _item(item: dict[str, Any], depth: int) -> str:
    """A list item: its mark and first line, with further lines indented below."""
    label = text_of(item, "label").strip()
    mark = "-" if _BULLET.fullmatch(label) else label if label[-1] in ".)" else f"{label}."
    indent = " " * (len(mark) + 1)
    if item.get("has_checkbox") is True:
        mark = f"{mark} [{'x' if item.get('is_checked') is True else ' '}]"
    first, *others = _blocks(item.get("blocks"), depth).split("\n")
    below = [f"{indent}{line}".rstrip() for line in others]
    return "\n".join([f"{mark} {first}".rstrip(), *below])


def _quotation(block: dict[str, Any], depth: int) -> str:
    """A quotation that consists of blocks or of a text."""
    content = _blocks(block.get("blocks"), depth) or _inline(block.get("text")).strip()
    credit = _inline(block.get("credit")).strip()
    lines = [*content.split("\n"), *([f"\u2014 {credit}"] if credit else [])]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _table(block: dict[str, Any], depth: int) -> str:
    given = block.get("cells")
    rows = given if isinstance(given, list) else []
    lines: list[str] = []
    for row in (each for each in rows if isinstance(each, list) and each):
        cells = [each if isinstance(each, dict) else {"text": each} for each in row]
        written = (_inline(cell.get("text")).strip().replace("\n", " ") for cell in cells)
        lines.append(f"| {' | '.join(cell.replace('|', '\\|') for cell in written)} |")
        if len(lines) == 1 and all(cell.get("is_header") is True for cell in cells):
            lines.append(f"|{' --- |' * len(cells)}")
    return _with_caption("\n".join(lines), block)


def _details(block: dict[str, Any], depth: int) -> str:
    summary = _inline(block.get("summary")).strip()
    return "\n\n".join(filter(None, [summary, _blocks(block.get("blocks"), depth)]))


def _group(block: dict[str, Any], depth: int) -> str:
    return _with_caption(_blocks(block.get("blocks"), depth), block)


def _map(block: dict[str, Any], depth: int) -> str:
    location = object_of(block, "location")
    place = {"lng": location.get("longitude"), "lat": location.get("latitude")}
    return _with_caption(json.dumps(place) if location else "", block)


def _media(block: dict[str, Any], depth: int) -> str:
    return _with_caption("", block)


def _with_caption(content: str, block: dict[str, Any]) -> str:
    """A block above its caption, which is a text or an object with `text` and `credit`."""
    caption = block.get("caption")
    text, credit = caption, ""
    if isinstance(caption, dict) and not caption.get("type"):
        text, credit = caption.get("text"), _inline(caption.get("credit")).strip()
    lines = [content, _inline(text).strip(), credit and f"\u2014 {credit}"]
    return "\n".join(filter(None, lines))


def _buttons(block: dict[str, Any], depth: int) -> str:
    given = block.get("buttons")
    rows = [row for row in given if isinstance(row, list)] if isinstance(given, list) else []
    return "\n".join(" | ".join(_inline(button).strip() for button in row) for row in rows)


_BLOCKS: dict[str, Callable[[dict[str, Any], int], str]] = {
    "paragraph": _paragraph,
    "heading": _paragraph,
    "footer": _paragraph,
    "thinking": _paragraph,
    "pre": _preformatted,
    "divider": _divider,
    "mathematical_expression": _expression,
    "anchor": _nothing,
    "list": _list,
    "blockquote": _quotation,
    "expandable_blockquote": _quotation,
    "pullquote": _quotation,
    "table": _table,
    "details": _details,
    "collage": _group,
    "slideshow": _group,
    "map": _map,
    "buttons": _buttons,
    **dict.fromkeys(_MEDIA, _media),
}
