"""What the bot says on My Platform: one call of the API a message.

Buttons, images, files and cards are texts, as `OutputChannel` makes them, until they have methods
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.messages.text import split_messages
from channels.my_platform.settings import MAX_TEXT
from channels.output import OutputChannel

if TYPE_CHECKING:
    from typing import Any

    from channels.my_platform.api import MyPlatformApi


class MyPlatformOutput(OutputChannel):
    """Posts to the room of `reply_to`, else to the one that the recipient's id names."""

    delivers_parts = True

    def __init__(
        self,
        api: MyPlatformApi,
        reply_to: dict[str, Any] | None = None,
    ) -> None:
        """Post by `api`."""
        super().__init__()
        self._api = api
        self._reply_to = reply_to or {}

    @classmethod
    def name(cls) -> str:
        """`my_platform`."""
        return "my_platform"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Post a text, one message a paragraph as in Rasa, more where one is too long."""
        room_id = str(self._reply_to.get("room_id") or recipient_id)
        for part in split_messages(text, MAX_TEXT):
            await self._post(room_id, part)

    async def _post(self, room_id: str, text: str) -> None:
        async def send() -> str:
            return self._api.post_message(room_id, text)

        await self.deliver(send)
