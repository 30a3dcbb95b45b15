"""What one message of a user says, of both webhooks in one shape."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Incoming:
    """What a user said, before the channel's settings are applied.

    `text` is for the agent; `message_id` is equal for equal events, None where Rocket.Chat gives no
    id; `room` and `user` are ids, `user_name` the name a user logs in with; `thread` is the id of a
    thread's first message, "" outside of one; `opens` the id of the message that a thread could
    begin with; `trigger_word` is what was taken off the text; `livechat` says that a visitor of a
    website wrote it; `metadata` is handed to the agent.
    """

    def __init__(  # noqa: PLR0913 (a record)
        self,
        text: str,
        message_id: str | None,
        metadata: dict[str, Any],
        *,
        room: str,
        user: str,
        user_name: str,
        thread: str = "",
        opens: str = "",
        trigger_word: str = "",
        livechat: bool = False,
    ) -> None:
        """Take the parts."""
        self.text = text
        self.message_id = message_id
        self.metadata = metadata
        self.room = room
        self.user = user
        self.user_name = user_name
        self.thread = thread
        self.opens = opens
        self.trigger_word = trigger_word
        self.livechat = livechat
