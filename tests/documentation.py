"""The documentation as tests read it: pages, headings, links, and the commands in them."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from ops import ROOT

#: A fenced block: its indent, its language, its text.
_BLOCK = re.compile(r"^([ ]*)```(\w*)\n(.*?)^\1```$", re.M | re.S)
_SHELLS = {"bash", "console", "sh", "shell"}
_COMMENT = re.compile(r"(^|\s+)# .*$")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"!?\[(?:[^\[\]`]|`[^`]*`)*\]\(([^()\s]+)\)")


class Command(NamedTuple):
    """A command of a page, on one line and without its comment, and what it prints (or "")."""

    page: str
    typed: str
    printed: str


class Page:
    """One page in Markdown; `path` is relative to the repository."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = (ROOT / path).read_text(encoding="utf-8")
        self.prose = _BLOCK.sub("", self.text)
        self.blocks = [
            (language, re.sub(rf"^{indent}", "", text, flags=re.M))
            for indent, language, text in _BLOCK.findall(self.text)
        ]

    @property
    def headings(self) -> list[str]:
        """Titles of its sections, without their markup."""
        found = re.findall(r"^#{1,6} +(.*?) *$", self.prose, re.M)
        return [re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", title) for title in found]

    @property
    def anchors(self) -> set[str]:
        """What GitHub calls its sections: lower case, no punctuation, a number from the second."""
        seen: Counter[str] = Counter()
        found = set()
        for title in self.headings:
            name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
        return found

    @property
    def links(self) -> list[str]:
        """Where its links and pictures lead."""
        return _LINK.findall(self.prose)

    @property
    def code(self) -> list[str]:
        """What stands between backticks in its prose, on one line."""
        return [" ".join(each.split()) for each in _CODE.findall(self.prose)]

    @property
    def commands(self) -> list[Command]:
        """The commands of its blocks."""
        found = []
        for language, text in self.blocks:
            if language in _SHELLS:
                found += list(_commands(self.path, language, text.replace("\\\n", " ")))
        return found


def _commands(page: str, language: str, text: str) -> list[Command]:
    if language != "console":
        lines = [(line, "") for line in text.splitlines()]
    else:
        lines = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M)
    commands = [
        Command(page, " ".join(_COMMENT.sub("", line).split()), printed.strip())
        for line, printed in lines
    ]
    return [each for each in commands if each.typed]


def tracked() -> frozenset[str]:
    """The files of the repository, and its folders, as they are written."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    folders = {str(parent) for each in listed for parent in Path(each).parents}
    return frozenset({*listed, *folders})


#: All pages; those of decisions tell how things were.
PAGES = [Page(path) for path in sorted(tracked()) if path.endswith(".md")]
GUIDES = [page for page in PAGES if not page.path.startswith("docs/adr/0")]
COMMANDS = [command for page in GUIDES for command in page.commands]
