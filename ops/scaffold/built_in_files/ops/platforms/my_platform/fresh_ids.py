"""What My Platform's messages are known by: their `id`."""

from __future__ import annotations

from typing import Any

from ops.platforms.fresh_ids import Fresh, of_json


def _renew(body: dict[str, Any], fresh: Fresh) -> None:
    if "id" in body:
        body["id"] = fresh.digits


with_fresh_ids = of_json(_renew)
