"""What the bot says in a call: collected by the worker, spoken by the request that waits for it."""

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

#: Keys under which an attachment tells what it is.
_DESCRIPTIONS = ("alt_text", "title", "text", "fallback")


class TwilioVoiceCollectingOutputChannel(AwaitedOutput):
    """Collects a turn's messages for the request that speaks them (Rasa's name).

    What nobody can hear, an image's URL above all, is left out and logged.
    """

    def __init__(self, memory: KeyValueStore | None = None, message_id: str = "") -> None:
        """Hand over through `memory` the answer to the message of that id."""
        super().__init__(memory, message_id)
        self._answered = message_id

    @classmethod
    def name(cls) -> str:
        """`twilio_voice`: the name that response variations are looked up by."""
        return "twilio_voice"

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Collect the image's `alt_text`, if it has one."""
        await self._describe(recipient_id, "an image", kwargs)

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Collect a text, or the title of an attachment; a mere URL is left out."""
        if isinstance(attachment, dict):
            await self._describe(recipient_id, "an attachment", {**kwargs, **attachment})
        elif isinstance(attachment, str) and not _URL.fullmatch(attachment):
            await self.send_text_message(recipient_id, attachment)
        else:
            await self._describe(recipient_id, "an attachment", kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Collect verbs of a call (`custom`); JSON that holds none is left out."""
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
        logger.warning("message %s: left out, nobody can hear it: %s", self._answered, what)


class UnaskedVoiceOutput(TwilioVoiceCollectingOutputChannel):
    """Refuses what the bot says unasked: a caller hears only answers to what they said."""

    async def _persist_message(self, message: dict[str, Any]) -> None:
        await self.deliver(_refuse)


async def _refuse() -> str | None:
    raise SendError("twilio_voice: a phone call cannot be spoken to unasked")
