"""What to turn at 10, 1,000 and 100,000 messages a second, by quotas and by a simulation.

The quotas are those that AWS and platforms give unasked (quotas.json); a model of the inbox
(queue_model.py) says from where on the backlog grows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any, NamedTuple

from benchmarks.queue_model import Load, Observed, among, simulate
from benchmarks.table import Options, Table

RATES = (10, 1_000, 100_000)

#: A turn: seconds that the webhook and the worker run, write units, one visit's messages.
_WEBHOOK, _TURN, _WRITES, _VISIT = 0.02, 1.25, 5.1, 10

#: How often credentials are read again (`channels.aws.parameter_store`; seconds), and how many
#: sections.
_CREDENTIALS_AGE, _SECTIONS = 300, 2

#: The busiest conversation: a message every two seconds, as fast as a person types.
_BUSIEST = 0.5

#: Messages of a simulation at most. A larger rate is simulated as a hundredth of it, with a
#: hundredth of the workers, which makes waiting longer, never shorter.
_MESSAGES, _SHARE = 60_000, 100

_QUOTAS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "quotas.json").read_text())


class Case(NamedTuple):
    """Settings of a stack under a load, to be simulated; `note` says what they are for.

    `concurrency` and `batch` are ConversationConcurrency and ConversationBatchSize, `stacks` how
    many share the load; `hot` is the share of the messages that belong to one conversation.
    """

    rate: int
    note: str
    concurrency: int
    batch: int = 1
    stacks: int = 1
    hot: float = 0.0


CASES = (
    Case(10, "as it comes", 50),
    Case(10, "a spike of four times that", 50),
    Case(10, "one conversation has a tenth of it", 50, hot=0.1),
    Case(1_000, "as it comes", 50),
    Case(1_000, "ConversationConcurrency at its most", 1_000),
    Case(1_000, "and ConversationBatchSize 2", 1_000, 2),
    Case(1_000, "and ConversationBatchSize 5", 1_000, 5),
    Case(100_000, "one stack, both at their most", 1_000, 10),
    Case(100_000, "16 stacks", 1_000, 10, 16),
    Case(100_000, "32 stacks", 1_000, 10, 32),
)


def run(options: Options) -> list[Table]:
    """The table of quotas and the table of simulations, the same at every run."""
    return [_quotas(), _simulations(), _capacity()]


def needs(rate: float) -> dict[str, float]:
    """How much a rate of messages (a second) takes of what quotas limit, by `of` in quotas.json."""
    turns = rate * _TURN
    environments = turns + rate * _WEBHOOK
    return {
        "messages": rate,
        "visits": rate / _VISIT,
        "environments": environments,
        "environments a minute": environments,
        "worker environments": turns,
        "turns at once": turns,
        "write units": rate * _WRITES,
        "write units of the busiest conversation": _BUSIEST * _WRITES,
        "messages of the busiest conversation": _BUSIEST,
        "credentials read": environments * _SECTIONS / _CREDENTIALS_AGE,
    }


def answer_time(random: Random) -> float:
    """Seconds of a turn: most near the middle, few long ones (log-normal, mean `_TURN`)."""
    return random.lognormvariate(-0.125, 0.5) * _TURN


def load_of(case: Case, share: int = 1) -> Load:
    """What one of a case's stacks gets, or the `share`th part of it."""
    rate = case.rate / case.stacks * (4 if "four times" in case.note else 1)
    workers = max(1, round(case.concurrency / share))
    # A hundred thousand conversations are more than can be in the queue at once.
    return Load(rate / share, workers, answer_time, among(100_000, case.hot), case.batch)


def observe(case: Case) -> Observed:
    """What becomes of a case; the same at every call."""
    share = _SHARE if case.rate / case.stacks > 1_000 else 1
    load = load_of(case, share)
    return simulate(load, min(600.0, _MESSAGES / load.rate), seed=1)


def _quotas() -> Table:
    columns = ["part and quota", *(f"{rate:,} a second" for rate in RATES), "to turn"]
    taken = [needs(rate) for rate in RATES]
    rows = [
        [
            f"{each['part']}: {each['quota']}",
            *(_share(need[each["of"]] / each["limit"]) for need in taken),
            each["turn"],
        ]
        for each in _QUOTAS
    ]
    note = (
        f"Taken for granted: {_TURN:g} s of the worker for a message, {_WEBHOOK:g} s of its "
        f"webhook, {_WRITES:g} write units, {_VISIT} messages in a visit, and a message every "
        f"{1 / _BUSIEST:g} s in the busiest conversation."
    )
    return Table("What a rate takes of each quota", columns, rows, [note])


def _share(use: float) -> str:
    return f"{use:.0%}" if use < 1 else f"**{use:,.1f} times**"


def _simulations() -> Table:
    columns = ["messages a second", "wait, mean", "wait, p95", "workers busy", "backlog grows by"]
    rows = []
    for case in CASES:
        observed = observe(case)
        share = load_of(case).rate / (observed.arrived / observed.seconds)
        waits = sorted(observed.waits)
        use = observed.busy / load_of(case, round(share)).workers
        rows.append(
            [
                f"{case.rate:,}, {case.note}",
                f"{mean(waits):.2f} s",
                f"{waits[int(0.95 * len(waits))]:.2f} s",
                f"{use:.0%}",
                _growth(observed.growth * share, load_of(case).rate),
            ]
        )
    note = (
        f"Answers take {_TURN:g} s in the mean (log-normal); of each stack that shares the load, "
        "what one sees."
    )
    return Table("The inbox, simulated", columns, rows, [note])


def _growth(growth: float, rate: float) -> str:
    """A growth (messages a second), nothing where it is within a simulation's chance."""
    if growth < max(0.1, rate / 200):
        return "-"
    return f"**{growth:,.{1 if growth < 10 else 0}f} a second**"


def _capacity() -> Table:
    """Where the simulated backlog begins to grow, found by halving."""
    settings = ((50, 1), (50, 5), (1_000, 1), (1_000, 5))
    rows = []
    for concurrency, batch in settings:
        rate = capacity(concurrency, batch)
        rows.append(
            [f"{concurrency}, {batch}", f"{rate:,.0f}", f"{concurrency * batch / _TURN:,.0f}"]
        )
    columns = [
        "ConversationConcurrency, ConversationBatchSize",
        "backlog grows from",
        "if a batch were as fast as a message",
    ]
    return Table("Messages a second that one stack takes", columns, rows)


def capacity(
    concurrency: int,
    batch: int,
    duration: Callable[[Random], float] = answer_time,
    messages: int = 20_000,
) -> float:
    """The rate (messages a second) from which on the backlog grows, to a hundredth.

    Found by halving, with a simulation of `messages` at each step.
    """
    share = max(1, concurrency // 20)
    low, high = 0.0, 2.0 * concurrency * batch / _TURN / share
    workers = concurrency // share
    while high - low > high / 100:
        rate = (low + high) / 2
        load = Load(rate, workers, duration, among(10**9), batch)
        if simulate(load, messages / rate, seed=1).growth > rate / 50:
            high = rate
        else:
            low = rate
    return low * share
