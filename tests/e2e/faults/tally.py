"""Counting: what was due to each conversation against what the platform took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Tally(NamedTuple):
    """`due` parts, `received` POSTs; `doubled` counts POSTs beyond a part's first.

    `out_of_order` counts first arrivals that came after the first of a later part, `strange` POSTs
    of parts that nobody was to receive.
    """

    due: int = 0
    received: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    strange: int = 0

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override] # sums, as a total does
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))


type Conversations = Mapping[str, Sequence[str]]


def count(due: Conversations, received: Conversations) -> Tally:
    """The tally of all conversations; texts are unique within each."""
    total = Tally()
    for conversation in due.keys() | received.keys():
        total += _count(due.get(conversation, ()), received.get(conversation, ()))
    return total


def _count(due: Sequence[str], received: Sequence[str]) -> Tally:
    place = {text: number for number, text in enumerate(due)}
    times = Counter(received)
    firsts = [place[text] for text in dict.fromkeys(received) if text in place]
    latest = [max(firsts[: index + 1]) for index in range(len(firsts))]
    return Tally(
        due=len(due),
        received=len(received),
        lost=len(place.keys() - times.keys()),
        doubled=sum(number - 1 for number in times.values()),
        out_of_order=sum(first < most for first, most in zip(firsts, latest, strict=True)),
        strange=len(times.keys() - place.keys()),
    )
