"""One record for a user's message from either webhook."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Incoming:
    """What a user said, before the channel's settings are applied.

    `text` and `metadata` are for the agent. `message_id` is the same for the same event, None if
    Rocket.Chat gives no id. `room` and `user` are ids, `user_name` is the user's login name.
    `thread` is the id of a thread's first message, "" outside a thread; `opens` is the id of the
    message that a thread could start from. `trigger_word` was removed from the text. `livechat`
    tells whether a visitor of a website wrote the message.
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
