"""Warm functions: processor time of one event, with the call of AWS and without."""

from __future__ import annotations

from functools import partial
from statistics import median

from benchmarks import events, starts
from benchmarks.compared import build, compared
from benchmarks.table import Options, Table

#: Rows: what is shown, the function, how often it is called in one process.
_SLACK = (
    ("Slack, bare: json and hmac", "bare", 3000),
    ("**Slack, ours, nothing handed over**", "slack_no_queue", 3000),
    ("Slack, slack_bolt's adapter, nothing handed over", "bolt", 1500),
    ("**Slack, ours: queued**", "slack", 600),
    ("Slack, bare with boto3: queued", "bare_boto3", 600),
)
_TELEGRAM = (
    ("Telegram, bare: json and hmac", "telegram_bare", 3000),
    ("**Telegram, ours: queued**", "telegram", 600),
    ("Telegram, python-telegram-bot, nothing handed over", "telegram_library", 1500),
)
_COLUMNS = ("each event of a warm function", "CPU µs", "x bare")


def run(options: Options) -> list[Table]:
    """One table; a sample is a process of its own, which handles hundreds of events."""
    runs = max(3, options.runs // 3)
    with compared(build()) as functions:
        taken = starts.interleaved(
            {
                label: partial(starts.warm, functions[name], event(), 200, times)
                for rows, event in (
                    (_SLACK, events.slack_message),
                    (_TELEGRAM, events.telegram_message),
                )
                for label, name, times in rows
            },
            runs,
        )
    rows = []
    for group in (_SLACK, _TELEGRAM):
        bare = median(taken[group[0][0]])
        for label, _, _ in group:
            each = median(taken[label])
            rows.append((label, f"{each * 1e6:.0f}", f"{each / bare:.1f}"))
    return [Table("Warm", _COLUMNS, rows, (f"Medians of {runs} processes in turns.",))]
