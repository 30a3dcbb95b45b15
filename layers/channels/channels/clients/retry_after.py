"""The header Retry-After."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

#: Longer wishes are not believed (seconds).
LONGEST = 3600.0


def seconds_of(retry_after: str | None, now: float) -> float | None:
    """The seconds that a Retry-After asks for (RFC 9110: a number or a date), at most an hour.

    `now` is in seconds since 1970. None when the header is missing or says nothing.
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
