"""One record for every kind of request from Slack: events, clicks, commands and forms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Incoming:
    """What one request from Slack says, before the channel's settings are applied.

    `text` and `metadata` are for the agent. `message_id` is the same for the same event, None if
    Slack gives no id. `team`, `channel` and `user` are Slack's ids, "" if unknown. `thread` is the
    ts of the thread a reply would belong to, "" if there is none; `in_thread` tells whether the
    user wrote inside it. `response_url` accepts replies for 30 minutes.
    """

    def __init__(  # noqa: PLR0913 (a record)
        self,
        text: str,
        message_id: str | None,
        metadata: dict[str, Any],
        *,
        team: str = "",
        channel: str = "",
        user: str = "",
        thread: str = "",
        in_thread: bool = False,
        response_url: str = "",
    ) -> None:
        self.text = text
        self.message_id = message_id
        self.metadata = metadata
        self.team = team
        self.channel = channel
        self.user = user
        self.thread = thread
        self.in_thread = in_thread
        self.response_url = response_url


def joined_id(*parts: object) -> str | None:
    """Join the parts of an event's id; return None if one is missing."""
    return ":".join(map(str, parts)) if all(parts) else None
