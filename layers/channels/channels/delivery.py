"""Sending a turn's messages part by part, so that a broken turn goes on where it stopped."""

from __future__ import annotations

import logging

from channels.channel import OutputChannel
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

logger = logging.getLogger(__name__)

#: The kinds of one bot message in the order of `send_response`; the first three exclude another.
_TEXT_KINDS = ("quick_replies", "buttons", "text")
_OTHER_KINDS = ("custom", "image", "attachment", "elements")


class Delivery:
    """The parts of a turn in order; a part is one call of the platform.

    The first `sent` parts were sent by an earlier attempt and are skipped: rendering a turn again
    gives the same parts. `mark(sent, platform_id)` is called after each part, with the number of
    parts sent by then and the platform's id of the new one, "" where it gives none.
    """

    def __init__(self, sent: int, mark: Callable[[int, str], None]) -> None:
        """Continue after `sent` parts."""
        self._sent = sent
        self._mark = mark
        self._seen = 0

    async def part(self, send: Callable[[], Awaitable[str | None]]) -> None:
        """Send one part, unless it was sent before; `send()` returns the platform's id of it.

        A part that the platform refuses for good (SendError itself) is marked with the reason, and
        the turn goes on; errors that leave hope are raised.
        """
        self._seen += 1
        if self._seen <= self._sent:
            return
        try:
            mark = await send() or ""
        except (RateLimited, RecipientGone, PlatformUnavailable):
            raise
        except SendError as error:
            logger.error("a part was refused for good: %s", error)
            mark = f"refused: {error}"
        self._mark(self._seen, mark)


class RecordingOutput(OutputChannel):
    """Records what the agent says in `messages`, as bot messages that can be sent later.

    Streamed chunks go to `live` at once: they are a preview, the full text follows as a message.
    """

    def __init__(self, live: OutputChannel) -> None:
        """Record on behalf of the channel's output."""
        super().__init__()
        self._live = live
        self.messages: list[dict[str, Any]] = []

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Record a bot message as it is."""
        self.messages.append(dict(message))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Record a text."""
        self.messages.append({**kwargs, "text": text})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Record an image."""
        self.messages.append({**kwargs, "image": image})

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Record an attachment."""
        self.messages.append({**kwargs, "attachment": attachment})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Record buttons."""
        self.messages.append({**kwargs, "text": text, "buttons": buttons})

    async def send_quick_replies(
        self,
        recipient_id: str,
        text: str | None,
        quick_replies: list[dict[str, Any]],
        **kwargs: Any,
    ) -> None:
        """Record quick replies."""
        self.messages.append({**kwargs, "text": text, "quick_replies": quick_replies})

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Record a carousel."""
        self.messages.append({**kwargs, "elements": elements})

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Record a custom message."""
        self.messages.append({**kwargs, "custom": json_message})

    def attach_tracker_state(self, tracker: Any) -> None:
        """Hand tracker state on to the channel's output."""
        super().attach_tracker_state(tracker)
        self._live.tracker_state = self.tracker_state

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        """Begin the preview."""
        await self._live.send_response_chunk_start(recipient_id, **kwargs)

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        """Show a piece of the preview."""
        await self._live.send_response_chunk(recipient_id, chunk, **kwargs)

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        """End the preview."""
        await self._live.send_response_chunk_end(recipient_id, **kwargs)


def single_kinds(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A bot message as messages of one kind each, in the order that `send_response` sends them."""
    chosen = [kind for kind in _TEXT_KINDS if message.get(kind)][:1]
    chosen += [kind for kind in _OTHER_KINDS if message.get(kind)]
    kinds = (*_TEXT_KINDS, *_OTHER_KINDS)
    others = {key: value for key, value in message.items() if key not in kinds}
    singles = []
    for kind in chosen:
        single = {**others, kind: message[kind]}
        if kind in ("quick_replies", "buttons"):
            single["text"] = message.get("text")
        singles.append(single)
    return singles
