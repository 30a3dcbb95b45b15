"""The bot's messages in a call: the worker collects them, and the waiting request speaks them."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from channels.errors import SendError
from channels.turns.awaited_reply import AwaitedOutput
from channels.twilio_voice.custom_json import verbs_of_custom

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore

logger = logging.getLogger(__name__)

_URL = re.compile(r"\s*\w+://\S+\s*")

#: Keys of an attachment that may hold its description.
_DESCRIPTIONS = ("alt_text", "title", "text", "fallback")


class TwilioVoiceCollectingOutputChannel(AwaitedOutput):
    """Collects a turn's messages for the request that speaks them (Rasa's class name).

    The reply to the message `message_id` is handed over through `memory`. Messages that cannot be
    spoken, such as an image's URL, are left out and logged.
    """

    def __init__(self, memory: KeyValueStore | None = None, message_id: str = "") -> None:
        super().__init__(memory, message_id)
        self._answered = message_id

    @classmethod
    def name(cls) -> str:
        """`twilio_voice`, the name used to select response variations."""
        return "twilio_voice"

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Collect the image's `alt_text`, if it has one."""
        await self._describe(recipient_id, "an image", kwargs)

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Collect a text, or the description of an attachment; a mere URL is left out."""
        if isinstance(attachment, dict):
            await self._describe(recipient_id, "an attachment", {**kwargs, **attachment})
        elif isinstance(attachment, str) and not _URL.fullmatch(attachment):
            await self.send_text_message(recipient_id, attachment)
        else:
            await self._describe(recipient_id, "an attachment", kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Collect JSON that holds verbs of a call; other JSON is left out."""
        if verbs_of_custom(json_message):
            await super().send_custom_json(recipient_id, json_message, **kwargs)
        else:
            self._left_out("a custom message without 'say', 'play', 'pause', 'dial' or 'hangup'")

    async def _describe(self, recipient_id: str, kind: str, parts: dict[str, Any]) -> None:
        texts = (parts.get(key) for key in _DESCRIPTIONS)
        text = next((text for text in texts if isinstance(text, str) and text.strip()), None)
        if text is None:
            self._left_out(f"{kind} without 'alt_text'")
        else:
            await self.send_text_message(recipient_id, text)

    def _left_out(self, what: str) -> None:
        logger.warning("message %s: left out, cannot be spoken: %s", self._answered, what)


class UnaskedVoiceOutput(TwilioVoiceCollectingOutputChannel):
    """Refuses messages that the bot starts itself: a caller hears only replies."""

    async def _persist_message(self, message: dict[str, Any]) -> None:
        await self.deliver(_refuse)


async def _refuse() -> str | None:
    raise SendError("twilio_voice: the bot can only reply to a caller, not start a message")
