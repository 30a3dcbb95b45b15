"""Output of the Socket.IO channel, as Rasa's clients expect it: one event per message.

Payloads are those of Rasa 3.6 (`rasa.core.channels.socketio`), with its errors fixed: buttons
without a payload send their title, a carousel is one event with a list of its elements, custom JSON
needs no `data`, and everything goes to the namespace that the client has connected to.
"""

from __future__ import annotations

import logging
import time
import zlib
from typing import TYPE_CHECKING

from channels.errors import SendError
from channels.messages.text import split_messages
from channels.output import OutputChannel
from channels.socketio import frames
from channels.socketio.connection import DEMO
from channels.socketio.packets import encode_json
from channels.socketio.settings import MAX_POST
from channels.socketio.streaming import Coalescer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import Room, Sockets
    from channels.socketio.connection import Connection

logger = logging.getLogger(__name__)

#: Most bytes of a payload as JSON: API Gateway's limit, minus room for the event's frame.
MAX_PAYLOAD = MAX_POST - 2_048

#: Most devices that see a streamed reply live; each piece is a billed message to each.
_MAX_AUDIENCE = 3

#: What Rasa's server passes to `emit` along with `data`; the bot cannot choose the recipient.
_EMIT_KEYS = frozenset({"event", "data", "to", "room", "namespace", "skip_sid", "callback"})


class SocketIOOutput(OutputChannel):
    """Emits the bot's messages to a session, or to the connection of the user's message."""

    delivers_parts = True

    def __init__(
        self,
        sockets: Sockets | None,
        bot_message_evt: str = "bot_uttered",
        *,
        reply_to: dict[str, Any] | None = None,
        message_id: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Reply to the message with this id; `clock()` is monotonic (seconds)."""
        super().__init__()
        self._sockets = sockets
        self._event = bot_message_evt
        self._reply_to = reply_to
        self._message_id = message_id or f"unasked-{time.time_ns()}"
        self._clock = clock
        self._room: Room | None = None
        self._parts = 0
        self._stream: _Stream | None = None
        self._shown: frozenset[str] = frozenset()

    @classmethod
    def name(cls) -> str:
        """`socketio`."""
        return "socketio"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Emit `{"text": part}` for each part between blank lines; parts too large are split."""
        for part in split_messages(text, MAX_PAYLOAD - 64, json_size):
            await self._emit(recipient_id, {"text": part})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Emit the text's parts, the last with `quick_replies`; a missing payload is the title.

        Other keys of a button, such as `url`, are passed along.
        """
        replies = [_quick_reply(button) for button in buttons]
        if json_size(replies) > MAX_PAYLOAD // 2:
            await super().send_text_with_buttons(recipient_id, text, buttons, **kwargs)
            return
        *first, last = split_messages(text or "", MAX_PAYLOAD // 2 - 64, json_size) or [""]
        for part in first:
            await self._emit(recipient_id, {"text": part, "quick_replies": []})
        await self._emit(recipient_id, {"text": last, "quick_replies": replies})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Emit `{"attachment": {"type": "image", "payload": {"src": url}}}`."""
        payload = {"attachment": {"type": "image", "payload": {"src": image}}}
        if not await self._emit_whole(recipient_id, payload):
            await super().send_image_url(recipient_id, image, **kwargs)

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Emit `{"attachment": value}`."""
        if not await self._emit_whole(recipient_id, {"attachment": attachment}):
            await super().send_attachment(recipient_id, attachment, **kwargs)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Emit a carousel as one event with a list of elements, as chat widgets read it.

        Rasa emits one event per element, with the element in place of the list.
        """
        payload = {"template_type": "generic", "elements": elements}
        carousel = {"attachment": {"type": "template", "payload": payload}}
        if not await self._emit_whole(recipient_id, carousel):
            await super().send_elements(recipient_id, elements, **kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Emit the payload itself; for `{"data": ..., "event": ...}` the data, as that event."""
        payload, event = json_message, self._event
        if isinstance(payload, dict) and "data" in payload and payload.keys() <= _EMIT_KEYS:
            named = payload.get("event")
            event = named if isinstance(named, str) and named else event
            payload = payload["data"]
        if not await self._emit_whole(recipient_id, payload, event):
            await super().send_custom_json(recipient_id, json_message, **kwargs)

    async def show_typing(self, recipient_id: str) -> None:
        """Emit `bot_typing` to clients that opted in."""
        for connection in self._where(recipient_id).audience():
            if "typing" in connection.options:
                self._where(recipient_id).show(connection, frames.typing(connection))

    async def end_turn(self, recipient_id: str) -> None:
        """Check whether the turn's messages arrive."""
        self._where(recipient_id).receipts()

    async def send_response_chunk_start(self, recipient_id: str, **kwargs: Any) -> None:
        """Find the clients to stream the reply to: those that opted in, and the demo's."""
        room = self._where(recipient_id)
        listeners = [
            each for each in room.audience() if "stream" in each.options or each.dialect == DEMO
        ]
        if len(listeners) > _MAX_AUDIENCE:
            listeners = []
        self._stream = _Stream(room, listeners, self._message_id, recipient_id, self._clock)
        self._stream.start()

    async def send_response_chunk(self, recipient_id: str, chunk: str, **kwargs: Any) -> None:
        """Show a chunk, joined with others."""
        if self._stream is not None:
            self._stream.add(chunk)

    async def send_response_chunk_end(self, recipient_id: str, **kwargs: Any) -> None:
        """Show the rest; the full text follows as an ordinary message."""
        if self._stream is not None:
            self._shown = self._stream.end()
            self._stream = None

    async def _emit_whole(self, recipient_id: str, payload: Any, event: str = "") -> bool:
        """Emit a payload that cannot be split; False if it is too large and text can replace it.

        A file in a `data:` URL that is too large raises nothing: the part is recorded as refused.
        """
        size = json_size(payload)
        if size > MAX_PAYLOAD and not _holds_file(payload):
            return False
        await self._emit(recipient_id, payload, event, size)
        return True

    async def _emit(self, recipient_id: str, payload: Any, event: str = "", size: int = 0) -> None:
        self._parts += 1
        checksum = zlib.crc32(encode_json(payload).encode("utf-8", "replace"))
        part = f"{self._message_id}#{self._parts}#{checksum:08x}"
        shown, self._shown = self._shown, frozenset()

        async def send() -> str:
            if size > MAX_PAYLOAD:
                raise SendError(f"a file of {size} bytes does not fit (128 KB): send its URL")
            name = event or self._event
            return self._where(recipient_id).deliver(part, name, payload, recipient_id, shown)

        await self.deliver(send)

    def _where(self, recipient_id: str) -> Room:
        if self._sockets is None:
            raise SendError("sockets need the deployed stack")
        if self._room is None:
            self._room = self._sockets.room(self._reply_to, recipient_id)
        return self._room


class _Stream:
    """A streamed reply on its way to its few viewers; a failure loses only a preview."""

    def __init__(
        self,
        room: Room,
        listeners: list[Connection],
        stream_id: str,
        recipient_id: str,
        clock: Callable[[], float],
    ) -> None:
        self._room = room
        self._listeners = listeners
        self._id = stream_id
        self._recipient_id = recipient_id
        self._pieces = Coalescer(clock)
        self._number = 0

    def start(self) -> None:
        self._show(lambda each: frames.stream_start(each, self._recipient_id))

    def add(self, chunk: str) -> None:
        delta = self._pieces.add(chunk)
        if delta:
            self._piece(delta)

    def end(self) -> frozenset[str]:
        """Show the rest; returns the connections that need no full text after it."""
        rest = self._pieces.flush()
        if rest:
            self._piece(rest)
        stream = {"id": self._id, "seq": self._number}
        self._show(lambda each: frames.stream_end(each, stream, self._recipient_id))
        return frozenset(each.id for each in self._listeners if each.dialect == DEMO)

    def _piece(self, delta: str) -> None:
        stream = {"id": self._id, "seq": self._number}
        self._number += 1
        self._show(lambda each: frames.stream_delta(each, stream, delta, self._recipient_id))

    def _show(self, make: Callable[[Connection], str | None]) -> None:
        for each in list(self._listeners):
            frame = make(each)
            try:
                if frame is not None:
                    self._room.show(each, frame)
            except SendError as error:
                logger.info("connection %s: no longer gets the stream: %s", each.id, error)
                self._listeners.remove(each)


def json_size(value: Any) -> int:
    """The size of a value as sent (bytes of JSON)."""
    return len(encode_json(value).encode("utf-8", "replace"))


def _quick_reply(button: dict[str, Any]) -> dict[str, Any]:
    title = button.get("title", "")
    payload = button.get("payload")
    return {
        **button,
        "content_type": "text",
        "title": title,
        "payload": title if payload is None else payload,
    }


def _holds_file(payload: Any) -> bool:
    """Whether the message contains a file as a `data:` URL, which is useless as text."""
    return '"data:' in encode_json(payload)
