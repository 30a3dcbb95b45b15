"""Removes the bot's name from users' texts: in a group, a bot receives only its mentions.

text  RasaBot hello
html  <p><spark-mention data-object-type="person" data-object-id="...">RasaBot</spark-mention>
      hello</p>
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from html.parser import HTMLParser
from typing import NamedTuple


class _Mention(NamedTuple):
    """A mention's label, and how often the same text occurs before it."""

    label: str
    before: int


def without_mentions(text: str, html: str, person_id: str) -> str:
    """Remove the mentions of one person from a text, each with one adjacent space.

    The message's `html` tells which words are mentions; equal words that are not mentions stay.
    """
    if "<spark-mention" not in html:
        return text
    parser = _MentionParser(person_id)
    parser.feed(html)
    parser.close()
    for mention in reversed(parser.mentions):
        text = _without(text, mention)
    return text


class _MentionParser(HTMLParser):
    def __init__(self, person_id: str) -> None:
        super().__init__()
        self.mentions: list[_Mention] = []
        self._ids = (person_id, _uuid_of(person_id))
        self._text = ""
        self._start = -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "spark-mention" and of.get("data-object-type") == "person":
            self._start = len(self._text) if of.get("data-object-id") in self._ids else -1

    def handle_endtag(self, tag: str) -> None:
        if tag == "spark-mention" and self._start >= 0:
            label = self._text[self._start :].strip()
            if label:
                self.mentions.append(_Mention(label, self._text[: self._start].count(label)))
            self._start = -1

    def handle_data(self, data: str) -> None:
        self._text += data


def _uuid_of(person_id: str) -> str:
    """The UUID in an API id (`ciscospark://us/PEOPLE/<uuid>`); some HTML contains only that."""
    padded = person_id + "=" * (-len(person_id) % 4)
    try:
        uri = urlsafe_b64decode(padded).decode()
    except (binascii.Error, ValueError):
        return person_id
    return uri.rpartition("/")[2] or person_id


def _without(text: str, mention: _Mention) -> str:
    start = -len(mention.label)
    for _ in range(mention.before + 1):
        start = text.find(mention.label, start + len(mention.label))
        if start < 0:
            return text
    before, after = text[:start], text[start + len(mention.label) :]
    if not before.strip():
        return after.lstrip(" ,:\n\t\xa0")
    if after[:1].isspace():
        return before + after[1:]
    return before[:-1] + after if before[-1:].isspace() else before + after
