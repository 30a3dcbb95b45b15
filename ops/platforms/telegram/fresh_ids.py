"""What Telegram's updates are known by: `update_id`."""

from __future__ import annotations

from typing import Any

from ops.platforms.fresh_ids import Fresh, of_json


def _renew(update: dict[str, Any], fresh: Fresh) -> None:
    update["update_id"] = int(fresh.digits[:7], 16)


with_fresh_ids = of_json(_renew)
