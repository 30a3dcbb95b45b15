"""Slack's markup: removed from users' texts, kept intact in the bot's.

In Slack's texts `&`, `<` and `>` are escaped, and `<...>` marks links and mentions
(docs.slack.dev, "Formatting message text").
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_MARKED = re.compile(r"<([^<>|\n]+)(?:\|([^<>\n]*))?>")

#: What may stay unescaped in the bot's texts: mentions of users and channels, dates, links. Not the
#: broadcasts `<!here>` and `<!channel>`: a bot that repeats a user's text would notify everybody.
_MARKUP = re.compile(
    r"<(?:[@#][A-Z0-9]+|!date\^|!subteam\^|https?://|mailto:|tel:)[^<>\n]*>|&(?:amp|lt|gt);"
)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def plain_text(text: str, own_ids: Iterable[str] = ()) -> str:
    """Convert a text of Slack's to plain text.

    Mentions of `own_ids` are removed with one adjacent space, as in Rasa. Links become their
    labels, addresses lose `mailto:` and `tel:`, `<#C1|general>` becomes `#general` and `<!here>`
    `@here`. Mentions of others without a name stay `<@U1>`, as in Rasa. Entities are unescaped.
    """
    if "<" not in text:
        return _unescaped(text).strip()
    for user_id in own_ids:
        if f"<@{user_id}" not in text:
            continue
        mention = rf"<@{re.escape(user_id)}(?:\|[^<>\n]*)?>"
        text = re.sub(rf"\s{mention}", "", re.sub(rf"{mention}\s", "", text))
        text = re.sub(mention, " ", text)
    return _unescaped(_MARKED.sub(_read, text)).strip()


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _read(marked: re.Match[str]) -> str:
    target, label = marked[1], marked[2]
    if target[0] in "@#":
        return f"{target[0]}{label}" if label else f"<{target}>"
    if target[0] == "!":
        return label or f"@{target[1:].removeprefix('subteam^')}"
    if ":" not in target:
        return marked[0]
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def mrkdwn(text: str) -> str:
    """Escape `&`, `<` and `>` in a bot's text, except in its links, mentions and entities."""
    kept = 0
    parts = []
    for markup in _MARKUP.finditer(text):
        parts += [_escaped(text[kept : markup.start()]), markup[0]]
        kept = markup.end()
    return "".join([*parts, _escaped(text[kept:])])


def _escaped(text: str) -> str:
    return re.sub("[&<>]", lambda character: _ESCAPES[character[0]], text)
