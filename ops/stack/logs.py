"""What a stack's functions write, as it comes, from CloudWatch Logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ops.stack.aws import Stack

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilteredLogEventTypeDef

#: Lambda's own lines around each request; what a function says stands between them.
_PLATFORM = ("START RequestId:", "END RequestId:", "REPORT RequestId:")
_PAUSE = 1.0  # seconds between two questions
_OVERLAP = 10_000  # milliseconds


def log_groups(stack: Stack, functions: Mapping[str, str]) -> dict[str, str]:
    """The log groups of functions, by logical id."""
    client = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
    return {
        name: client.get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
        for name, function in functions.items()
    }


def follow(
    client: CloudWatchLogsClient,
    groups: Mapping[str, str],
    *,
    since: float,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[str, str]]:
    """Yield (logical id, line) of every line written after `since` (Unix time), without end."""
    start = int(since * 1000)
    seen: dict[tuple[str, int, str], int] = {}
    while True:
        for name, event in _events(client, groups, start):
            # MiniStack gives events no id.
            identity = (event["logStreamName"], event["timestamp"], event["message"])
            line = event["message"].rstrip()
            if identity not in seen and not line.startswith(_PLATFORM):
                yield name, line
            seen[identity] = event["timestamp"]
        # A little is asked for again: lines of another process can come in late.
        start = max([start, *(when - _OVERLAP for when in seen.values())])
        seen = {event: when for event, when in seen.items() if when >= start}
        pause(_PAUSE)


def _events(
    client: CloudWatchLogsClient, groups: Mapping[str, str], start: int
) -> Iterator[tuple[str, FilteredLogEventTypeDef]]:
    pages = client.get_paginator("filter_log_events")
    for name, group in groups.items():
        for page in pages.paginate(logGroupName=group, startTime=start):
            for event in page["events"]:
                yield name, event
