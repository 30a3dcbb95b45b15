"""The Retry-After header."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

#: Longer pauses are cut to this (seconds).
LONGEST = 3600.0


def seconds_of(retry_after: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After asks for, at most an hour (RFC 9110: number or date).

    `now` is in seconds since 1970. Returns None if the header is missing or invalid.
    """
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST) if math.isfinite(seconds) else None
