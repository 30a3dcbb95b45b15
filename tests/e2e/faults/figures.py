"""The figures of the suite: recorded with the tests' reports, shown at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tests.e2e.faults.tally import Tally

#: Names of the properties that carry a row in a test's report.
TALLY, FIGURE = "tally", "figure"

_TALLY_HEAD = ("what happened", "due", "received", "lost", "doubled", "out of order", "remarks")
_FIGURE_HEAD = ("what was measured", "figure")


class Figures:
    """Takes the figures of one test."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def tally(self, what: str, tally: Tally, remarks: str = "") -> None:
        """Keep what a test counted."""
        counted = (tally.due, tally.received, tally.lost, tally.doubled, tally.out_of_order)
        self._record(TALLY, [what, *map(str, counted), remarks])

    def figure(self, what: str, value: str) -> None:
        """Keep what a test measured."""
        self._record(FIGURE, [what, value])


def tables(properties: Iterable[tuple[str, object]]) -> list[str]:
    """Markdown tables of the rows among the properties of reports."""
    rows: dict[str, list[Sequence[str]]] = {TALLY: [], FIGURE: []}
    for name, value in properties:
        if name in rows and isinstance(value, list):
            rows[name].append(value)
    return [
        _table(head, rows[name])
        for name, head in ((TALLY, _TALLY_HEAD), (FIGURE, _FIGURE_HEAD))
        if rows[name]
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
