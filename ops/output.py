"""What a command shows: progress and tables for people, one JSON object for scripts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.failure import Failure

#: Parent of every command's parser.
JSON_OPTION = argparse.ArgumentParser(add_help=False)
JSON_OPTION.add_argument(
    "--json", action="store_true", help="answer with one JSON object on stdout, for scripts"
)


class Output:
    """The terminal, or with `as_json` a script that reads stdout; progress is on stderr then."""

    def __init__(self, as_json: bool = False, console: Console | None = None) -> None:
        """Write to `console`, by default stdout (stderr beside JSON); failures go to stderr."""
        self.as_json = as_json
        self._console = console or Console(stderr=as_json, highlight=False, soft_wrap=True)
        self._errors = console or Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """A line of progress."""
        self._console.print(text, markup=False)

    def warn(self, text: str) -> None:
        """A line that deserves attention."""
        self._console.print(f"warning: {text}", markup=False, style="yellow")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show that something is under way, with a spinner where there is a terminal."""
        self.say(f"{text} ...")
        with self._console.status(text):
            yield

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows under headings; nothing for scripts, which get them with `result`."""
        if self.as_json:
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        self._console.print(table)

    def result(self, result: dict[str, Any]) -> None:
        """The command's outcome, for scripts only."""
        if self.as_json:
            print(json.dumps(result, ensure_ascii=False))

    def failure(self, failure: Failure) -> None:
        """Why the command failed, and what to do."""
        for line in failure.details:
            self._errors.print(f"    {line}", markup=False, style="dim")
        self._errors.print(f"error: {failure.cause}", markup=False, style="bold red")
        if failure.mend:
            self._errors.print(f"  {failure.mend}", markup=False)
        self.result({"error": failure.cause, "mend": failure.mend, "details": failure.details})
