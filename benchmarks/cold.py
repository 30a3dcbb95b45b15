"""Cold starts: a fresh process to its first answer, through awslambdaric and without."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial

from benchmarks import starts
from benchmarks.compared import (
    build,
    compared,
    forged_slack_message,
    slack_health,
    slack_message,
    telegram_message,
)
from benchmarks.starts import Function, Sample
from benchmarks.table import Options, Table

#: Rows: what is shown, the function, its event, the status it must answer, what it is held against.
_CASES: tuple[tuple[str, str, Callable[[], bytes], int, str], ...] = (
    ("Slack, bare: json and hmac", "bare", slack_message, 200, "bare"),
    ("Slack, ours: verified, parsed, handed over", "slack", slack_message, 200, "bare"),
    ("Slack, ours: health", "slack", slack_health, 200, "bare"),
    ("Slack, ours: wrong signature", "slack", forged_slack_message, 403, "bare"),
    ("Slack, bare with boto3: handed over", "bare_boto3", slack_message, 200, "bare"),
    ("Slack, slack_bolt's adapter: nothing handed over", "bolt", slack_message, 200, "bare"),
    ("Telegram, bare: json and hmac", "telegram_bare", telegram_message, 200, "telegram_bare"),
    ("Telegram, ours: handed over", "telegram", telegram_message, 200, "telegram_bare"),
    ("Telegram, python-telegram-bot", "telegram_library", telegram_message, 200, "telegram_bare"),
)
