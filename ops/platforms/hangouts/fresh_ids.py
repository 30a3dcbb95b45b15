"""What Google Chat's events are known by: the names of messages, and the time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from ops.platforms.fresh_ids import Fresh, of_json

_GOOGLE_MESSAGE = re.compile(r"(spaces/[^/]+/messages)/.+")


def _renew(event: dict[str, Any], fresh: Fresh) -> None:
    """Names of messages, and the event's time, wherever classic events and add-ons have them."""
    for key, value in event.items():
        if key == "eventTime":
            event[key] = datetime.fromtimestamp(fresh.now, UTC).isoformat()
        elif key == "name" and isinstance(value, str):
            event[key] = _GOOGLE_MESSAGE.sub(rf"\1/{fresh.digits}.{fresh.digits}", value)
        elif isinstance(value, dict):
            _renew(value, fresh)


with_fresh_ids = of_json(_renew)
