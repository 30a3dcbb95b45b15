"""What activities are known by: `id` and `timestamp`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ops.platforms.fresh_ids import Fresh, of_json


def _renew(activity: dict[str, Any], fresh: Fresh) -> None:
    activity["id"] = fresh.digits
    activity["timestamp"] = datetime.fromtimestamp(fresh.now, UTC).isoformat()


with_fresh_ids = of_json(_renew)
