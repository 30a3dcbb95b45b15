"""Tables of figures as Markdown, and the machine and day they belong to."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Options(NamedTuple):
    """How a benchmark is run: `runs` are the samples of each figure that needs several."""

    runs: int = 15


class Table(NamedTuple):
    """Figures under a title: one text for each column of each row, and what there is to say."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """The table in Markdown: the first column to the left, figures to the right."""
        lines = [self.columns, ["---", *("---:" for _ in self.columns[1:])], *self.rows]
        table = "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)
        notes = "".join(f"\n\n{note}" for note in self.notes)
        return f"**{self.title}**\n\n{table}{notes}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def surroundings() -> str:
    """The day, the processor, how many of its cores there are, and the Python."""
    day = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    python = f"Python {platform.python_version()}"
    return f"{day}, {_processor()}, {os.cpu_count()} cores, {python}, {platform.system()}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
