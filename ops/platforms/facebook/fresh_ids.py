"""What Messenger's events are known by: `mid` and the time."""

from __future__ import annotations

from typing import Any

from channels.messages.fields import objects_of
from ops.platforms.fresh_ids import Fresh, of_json


def _renew(body: dict[str, Any], fresh: Fresh) -> None:
    events = [event for entry in objects_of(body, "entry") for event in _messaging(entry)]
    for number, event in enumerate(events):
        event["timestamp"] = int(fresh.now * 1000) + number
        for part in event.values():
            if isinstance(part, dict) and "mid" in part:
                part["mid"] = f"m_{fresh.digits}{number}"


def _messaging(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [*objects_of(entry, "messaging"), *objects_of(entry, "standby")]


with_fresh_ids = of_json(_renew)
