"""What one of Slack's requests says: events, clicks, commands and forms in one shape."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Incoming:
    """What one of Slack's requests says, before the channel's settings are applied.

    `text` is for the agent; `message_id` is equal for equal events, None where Slack gives no id;
    `team`, `channel`, `user` are Slack's ids, "" where unknown; `thread` is the ts of the thread
    that an answer would belong to, "" where there is none; `in_thread` says that the user wrote
    inside of it; `response_url` takes answers for 30 minutes; `metadata` is handed to the agent.
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
        """Take the parts."""
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
    """The parts of an event's id as one, None when one is missing."""
    return ":".join(map(str, parts)) if all(parts) else None
