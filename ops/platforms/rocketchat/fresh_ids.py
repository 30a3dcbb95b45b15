"""What Rocket.Chat's messages are known by: `message_id`, or `_id` of livechat's."""

from __future__ import annotations

from typing import Any

from channels.messages.fields import objects_of
from ops.platforms.fresh_ids import Fresh, of_json


def _renew(body: dict[str, Any], fresh: Fresh) -> None:
    if "message_id" in body:
        body["message_id"] = fresh.digits[:17]
    for number, message in enumerate(objects_of(body, "messages")):
        message["_id"] = f"{fresh.digits[:17]}{number}"


with_fresh_ids = of_json(_renew)
