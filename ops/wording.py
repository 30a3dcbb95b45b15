"""Times, durations and counts as people and scripts read them."""

from __future__ import annotations

from datetime import UTC, datetime


def count(number: int, noun: str) -> str:
    """A number of things: `1 message`, `2 messages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def iso(seconds: float) -> str:
    """A time (seconds since 1970) in ISO 8601, UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def clock(seconds: float) -> str:
    """A time (seconds since 1970) such as `2026-01-31 09:15:02.250`, in UTC as in the logs."""
    return iso(seconds).replace("T", " ").removesuffix("+00:00")


def duration(seconds: float) -> str:
    """A duration in at most two units: `250 ms`, `1.5 s`, `2 min 5 s`, `3 h 20 min`, `4 d 1 h`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    rest = round(seconds)
    parts = []
    for unit, size in units:
        amount, rest = divmod(rest, size)
        parts.append((amount, unit))
    first = next(number for number, (amount, _) in enumerate(parts) if amount)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount)
