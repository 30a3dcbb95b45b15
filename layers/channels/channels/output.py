"""Output channels: how a bot's messages reach a conversation.

The behaviour is that of Rasa 3.6 (`rasa.core.channels.channel`), with the hooks of Rasa Pro.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Queue
    from collections.abc import Awaitable, Callable
    from typing import Any

    from channels.turns.parts import Parts

#: Keys of a message that would collide with parameters of the `send_*` methods.
_NOT_KEYWORDS = ("self", "recipient_id", "json_message")


class OutputChannel:
    """Sends a bot's messages to a recipient; base class of every channel's output.

    Subclasses must only define `send_text_message`: every other kind of message falls back to text,
    so a new channel shows all of them from the start. `recipient_id` is the conversation's sender
    id.
    """

    #: State of the conversation's tracker, set just before the bot's messages are sent (Rasa Pro).
    tracker_state: dict[str, Any] | None = None

    #: Whether every call to the platform goes through `deliver`. If so, an interrupted turn resumes
    #: with the first call not made yet, otherwise with the first kind of message not sent yet.
    delivers_parts = False
    parts: Parts | None = None

    def __init__(self) -> None:
        self.tracker_state = None

    @classmethod
    def name(cls) -> str:
        """Return the output channel's name; the class name unless overridden, as in Rasa."""
        return cls.__name__

    def attach_tracker_state(self, tracker: Any) -> None:
        """Keep the state of a conversation: a dict, or a Rasa tracker with `current_state()`."""
        self.tracker_state = tracker if isinstance(tracker, dict) else tracker.current_state()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Send one bot message (Rasa's `BotUttered.message`), one kind of content after another.

        Rasa's order: quick replies, else buttons, else text; then custom, image, attachment and
        elements, each if present. The keys not used yet are passed as keyword arguments. Unlike in
        Rasa, `message` is not modified, and buttons without a text are sent.
        """
        rest = {key: value for key, value in message.items() if key not in _NOT_KEYWORDS}
        if rest.get("quick_replies"):
            text, quick_replies = rest.pop("text", None), rest.pop("quick_replies")
            await self.send_quick_replies(recipient_id, text, quick_replies, **rest)
        elif rest.get("buttons"):
            text, buttons = rest.pop("text", None), rest.pop("buttons")
            await self.send_text_with_buttons(recipient_id, text, buttons, **rest)
        elif rest.get("text"):
            await self.send_text_message(recipient_id, rest.pop("text"), **rest)
        for key in ("text", "quick_replies", "buttons"):
            rest.pop(key, None)
        if rest.get("custom"):
            await self.send_custom_json(recipient_id, rest.pop("custom"), **rest)
        if rest.get("image"):
            await self.send_image_url(recipient_id, rest.pop("image"), **rest)
        if rest.get("attachment"):
            await self.send_attachment(recipient_id, rest.pop("attachment"), **rest)
        if rest.get("elements"):
            await self.send_elements(recipient_id, rest.pop("elements"), **rest)

    async def show_typing(self, recipient_id: str) -> None:
        """Show the user that a reply is on its way; does nothing by default.

        Called before the agent is asked, at most once per attempt. A failure is logged and the turn
        continues.
        """

    async def deliver(self, send: Callable[[], Awaitable[str | None]]) -> None:
        """Make one call to the platform, `send()`, which returns the platform's id of the message.

        Within a turn of the worker, the call is skipped if an earlier attempt made it.
        """
        if self.parts is None:
            await send()
        else:
            await self.parts.part(send)

    async def end_turn(self, recipient_id: str) -> None:
        """Called when a turn's messages, if any, have been sent; does nothing by default.

        Called again if the worker is stopped before it records the end of the turn.
        """

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send a text; the only method that every output channel must define."""
        raise NotImplementedError(f"{type(self).__name__} must define send_text_message")

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Send an image by URL; by default as the text `Image: <url>`."""
        await self.send_text_message(recipient_id, f"Image: {image}")

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Send a file; by default as the text `Attachment: <value>`."""
        await self.send_text_message(recipient_id, f"Attachment: {attachment}")

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a text with buttons; by default the text, then one numbered line per button."""
        if text:
            await self.send_text_message(recipient_id, text)
        for number, button in enumerate(buttons, start=1):
            await self.send_text_message(recipient_id, button_to_string(button, number))

    async def send_quick_replies(
        self,
        recipient_id: str,
        text: str | None,
        quick_replies: list[dict[str, Any]],
        **kwargs: Any,
    ) -> None:
        """Send quick replies; by default as buttons."""
        await self.send_text_with_buttons(recipient_id, text, quick_replies)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a carousel; by default, `<title> : <subtitle>` and the buttons of each element."""
        for element in elements:
            text = f"{element.get('title', '')} : {element.get('subtitle', '')}"
            await self.send_text_with_buttons(recipient_id, text, element.get("buttons") or [])

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Send a channel's own JSON; by default as text, escaped to ASCII."""
        await self.send_text_message(recipient_id, json.dumps(json_message))

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        """Start a streamed reply; does nothing by default, as in Rasa Pro.

        Called once, before the chunks. The full text still goes through `send_text_message`
        afterwards: a channel that shows chunks must not show it twice.
        """

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        """Show one chunk of a streamed reply; does nothing by default."""

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        """End a streamed reply; does nothing by default. The full text follows."""


def button_to_string(button: dict[str, Any], number: int) -> str:
    """Return a button as text in Rasa's format: `1: Title (payload) - {"other": "keys"}`."""
    line = f"{number}: {button.get('title', '')}"
    if "payload" in button:
        line += f" ({button['payload']})"
    others = {key: value for key, value in button.items() if key not in ("title", "payload")}
    return f"{line} - {json.dumps(others, sort_keys=True)}" if others else line


class CollectingOutputChannel(OutputChannel):
    """Collects messages in `messages` instead of sending them (Rasa's REST format)."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Return `collector`, the name by which Rasa looks up response variations."""
        return "collector"

    def latest_output(self) -> dict[str, Any] | None:
        """Return the last message collected, or None if there is none."""
        return self.messages[-1] if self.messages else None

    async def _persist_message(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    async def _collect(self, recipient_id: str, **parts: Any) -> None:
        item = {"recipient_id": recipient_id, **parts}
        await self._persist_message(
            {key: value for key, value in item.items() if value is not None}
        )

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Collect a text as one message per part between blank lines."""
        for part in text.strip().split("\n\n"):
            await self._collect(recipient_id, text=part)

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Collect `{"image": url}`."""
        await self._collect(recipient_id, image=image)

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Collect `{"attachment": value}`."""
        await self._collect(recipient_id, attachment=attachment)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Collect text and buttons as one message; the text is not split."""
        await self._collect(recipient_id, text=text, buttons=buttons)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Collect `{"custom": object}`."""
        await self._collect(recipient_id, custom=json_message)


class QueueOutputChannel(CollectingOutputChannel):
    """Puts each message into an `asyncio.Queue`, for a reader that streams while the bot works."""

    def __init__(self, message_queue: Queue[dict[str, Any]] | None = None) -> None:
        """Use the given queue, or a new one."""
        super().__init__()
        if message_queue is None:
            from asyncio import Queue  # adds 40 ms to a cold start; most Lambdas do not need it

            message_queue = Queue()
        self.messages: Queue[dict[str, Any]] = message_queue  # type: ignore[assignment]

    @classmethod
    def name(cls) -> str:
        """Return `queue`, as in Rasa."""
        return "queue"

    def latest_output(self) -> dict[str, Any] | None:
        """Not available: the queue's messages belong to its reader."""
        raise NotImplementedError("A queue doesn't allow to peek at messages.")

    async def _persist_message(self, message: dict[str, Any]) -> None:
        await self.messages.put(message)
