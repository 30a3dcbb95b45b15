"""Record the agent's replies so that they can be journalled before they are sent."""

from __future__ import annotations

import logging

from channels.errors import SendError
from channels.output import OutputChannel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

logger = logging.getLogger(__name__)


class BufferedOutput(OutputChannel):
    """Record the agent's replies in `messages`, as bot messages that can be sent later.

    Streamed chunks go to `live` at once: they are a preview, and the full text follows as a
    message. If a preview cannot be shown, the rest of it is left out and the turn continues.
    """

    def __init__(self, live: OutputChannel) -> None:
        """Record on behalf of `live`, the channel's output."""
        super().__init__()
        self._live = live
        self._shows = True
        self._is_over = False
        self.messages: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the attempt: an agent that is still running shows nothing more."""
        self._is_over = True

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Record a bot message unchanged."""
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
        """Pass the tracker state on to the channel's output."""
        super().attach_tracker_state(tracker)
        self._live.tracker_state = self.tracker_state

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        """Start the preview."""
        self._shows = not self._is_over
        if self._shows:
            await self._show(self._live.send_response_chunk_start(recipient_id, **kwargs))

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        """Show a chunk of the preview."""
        if self._shows and not self._is_over:
            await self._show(self._live.send_response_chunk(recipient_id, chunk, **kwargs))

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        """End the preview."""
        if self._shows and not self._is_over:
            await self._show(self._live.send_response_chunk_end(recipient_id, **kwargs))

    async def _show(self, step: Awaitable[None]) -> None:
        try:
            await step
        except SendError as error:
            self._shows = False
            logger.info("the rest of a streamed reply is not shown: %s", error)
