"""Cold starts: fresh processes to their first answer, plain and through Lambda's runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import NamedTuple

from benchmarks import events, starts
from benchmarks.compared import build, compared
from benchmarks.starts import Function, Sample
from benchmarks.table import Options, Table


class Case(NamedTuple):
    """A row: a function, its event, the status it answers; and the bare one it is held against."""

    label: str
    function: str
    event: Callable[[], bytes]
    status: int = 200
    bare: str = "bare"


BARE = Case("Slack, bare: json and hmac, no hand-over", "bare", events.slack_message)
TELEGRAM_BARE = Case(
    "Telegram, bare: json and hmac, no hand-over",
    "telegram_bare",
    events.telegram_message,
    bare="telegram_bare",
)
CASES = (
    BARE,
    Case("**Slack, ours: queued**", "slack", events.slack_message),
    Case("Slack, bare with boto3: queued", "bare_boto3", events.slack_message),
    Case("Slack, slack_bolt's adapter, no hand-over", "bolt", events.slack_message),
    Case("**Slack, ours: health**", "slack", events.slack_health),
    Case("**Slack, ours: challenge**", "slack", events.slack_challenge),
    Case("**Slack, ours: wrong signature**", "slack", events.forged_slack_message, 401),
    TELEGRAM_BARE,
    Case("**Telegram, ours: queued**", "telegram", events.telegram_message, bare="telegram_bare"),
    Case(
        "Telegram, python-telegram-bot, no hand-over",
        "telegram_library",
        events.telegram_message,
        bare="telegram_bare",
    ),
)
TLS_CASES = (
    BARE,
    Case("**Slack, ours: queued**", "slack_tls", events.slack_message),
    Case("Slack, ours, all authorities read", "slack_tls_without_list", events.slack_message),
    Case("Slack, bare with boto3: queued", "bare_boto3_tls", events.slack_message),
)
COLUMNS = ("from process start to the first answer", "CPU ms", "x bare", "wall ms", "peak MB")


def run(options: Options) -> list[Table]:
    """Three tables: plain, through the runtime, and with AWS called over TLS."""
    with compared(build()) as functions:
        return [
            _table("Cold start, the function alone", CASES, functions, starts.plain, options),
            _table(
                "Cold start through awslambdaric, as on Lambda",
                CASES,
                functions,
                starts.through_runtime,
                options,
            ),
            _table(
                "Cold start, AWS called over TLS as on Lambda",
                TLS_CASES,
                functions,
                starts.through_runtime,
                options,
            ),
        ]


def _table(
    title: str,
    cases: tuple[Case, ...],
    functions: Mapping[str, Function],
    start: Callable[[Function, bytes, int], Sample],
    options: Options,
) -> Table:
    samples = starts.interleaved(
        {
            case.label: partial(start, functions[case.function], case.event(), case.status)
            for case in cases
        },
        options.runs,
    )
    bare = {
        case.function: median(each.cpu for each in samples[case.label])
        for case in (BARE, TELEGRAM_BARE)
        if case.label in samples
    }
    rows = [_row(case.label, samples[case.label], bare[case.bare]) for case in cases]
    return Table(title, COLUMNS, rows, (f"Medians of {options.runs} runs in turns.",))


def _row(label: str, samples: list[Sample], bare: float) -> tuple[str, ...]:
    cpu, wall = (median(getattr(each, name) for each in samples) for name in ("cpu", "wall"))
    peak = median(each.peak for each in samples)
    return (
        label,
        f"{cpu * 1e3:.0f}",
        f"{cpu / bare:.2f}",
        f"{wall * 1e3:.0f}",
        f"{peak / 1e6:.1f}" if peak else "-",
    )
