"""Metrics in CloudWatch's embedded metric format: printed lines that CloudWatch Logs counts.

Source: AWS, "Specification: Embedded metric format". A line needs no call and no library. It is
written to stdout unchanged. Lambda treats a line without `level` as INFO and drops it if
ApplicationLogLevel is higher (AWS, "Log-level filtering"), so the template keeps that at INFO.
"""

from __future__ import annotations

import json
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAMESPACE = "Messaging Channels"

#: All metrics with their units (CloudWatch's).
UNITS = {
    "Received": "Count",
    "Refused": "Count",
    "Duplicates": "Count",
    "Turns": "Count",
    "AgentMilliseconds": "Milliseconds",
    "SendMilliseconds": "Milliseconds",
    "Parts": "Count",
    "Retries": "Count",
    "DeadLetters": "Count",
    "Opened": "Count",
    "Closed": "Count",
    "Delivered": "Count",
}

#: Response statuses for requests that do not prove their origin.
REFUSED = (401, 403)

#: Each value counts twice: for its channel, and for the whole stack, which alarms watch.
DIMENSIONS = (("Stack",), ("Stack", "Channel"))

#: The most values that a metric may have in one line (the specification).
_MOST_VALUES = 100


def to_stdout(line: str) -> None:
    """Write a line in one piece, because several threads may write at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Metrics:
    """Writes the metrics of one stack."""

    def __init__(
        self,
        stack: str,
        out: Callable[[str], None] = to_stdout,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Write through `out(line)`; write nothing if the stack has no name.

        `now()` is in seconds since 1970.
        """
        self._stack = stack
        self._out = out
        self._now = now

    def write(self, channel: str, **values: float | Sequence[float]) -> None:
        """Write values of the metrics in `UNITS`; several values of one metric form a list.

        Zeros and empty lists are left out. Raises KeyError for a metric that is not in `UNITS`.
        """
        lists = {
            name: list(value) if not isinstance(value, int | float) else [value] if value else []
            for name, value in values.items()
        }
        units = [{"Name": name, "Unit": UNITS[name]} for name, value in lists.items() if value]
        while units and self._stack:
            now = {each["Name"]: lists[each["Name"]][:_MOST_VALUES] for each in units}
            self._write(channel, units, now)
            lists = {name: value[_MOST_VALUES:] for name, value in lists.items()}
            units = [each for each in units if lists[each["Name"]]]

    def _write(
        self, channel: str, units: list[dict[str, str]], values: dict[str, list[float]]
    ) -> None:
        about = {"Namespace": NAMESPACE, "Dimensions": DIMENSIONS, "Metrics": units}
        document = {
            "_aws": {"Timestamp": int(self._now() * 1000), "CloudWatchMetrics": [about]},
            "Stack": self._stack,
            "Channel": channel,
            **{name: value[0] if len(value) == 1 else value for name, value in values.items()},
        }
        self._out(json.dumps(document))


#: Writes nothing; used if there is no stack.
SILENT = Metrics("")
