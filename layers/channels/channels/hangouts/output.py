"""Output of the Google Chat channel: the response to a request, or posts by the Chat API.

A turn that a request waits for becomes one message, the request's response. The API posts what does
not fit into one message, what comes after the request has ended, and what is sent unprompted.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from channels.errors import SendError
from channels.hangouts.cards import Buttons, image_widget
from channels.hangouts.clicks import FUNCTION
from channels.hangouts.messages import MAX_SIZE, card, is_message, packed, section, size, texts
from channels.messages.payloads import LIFETIME
from channels.turns.awaited_reply import AwaitedOutput

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.hangouts.api import ChatApi
    from channels.hangouts.messages import Message

_SPACE = re.compile(r"(?:spaces/)?([A-Za-z0-9_-]+)(?::.*)?", re.DOTALL)


class HangoutsOutput(AwaitedOutput):
    """Sends to one space; Rasa's class has no parameters.

    Without parameters, it collects `messages`, in the Chat API's format.
    """

    def __init__(
        self,
        *,
        api: ChatApi | None = None,
        memory: KeyValueStore | None = None,
        message_id: str = "",
        space: str = "",
        thread: str = "",
        function: str = FUNCTION,
        is_awaited: bool = True,
    ) -> None:
        """Post through `api` to `space`, in `thread`; `function` is what buttons call.

        `is_awaited` means that a request waits for the messages; otherwise they are posted as they
        come. `message_id` is the user's message that is replied to, "" for none. `memory` keeps
        payloads that are too long for a button, and takes the reply to the waiting request.
        """
        super().__init__(memory if is_awaited else None, message_id)
        self._api = api
        self._payloads = memory
        self._space = space
        self._thread = thread
        self._function = function
        self._is_awaited = is_awaited
        self._posts = 0

    @classmethod
    def name(cls) -> str:
        """`hangouts`, as in Rasa."""
        return "hangouts"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send a text, in Google Chat's markup (`*bold*`, `_italic_`, `<url|label>`)."""
        await self._say(recipient_id, texts(text))

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Send an image; a URL that Chat rejects becomes the text `Image: <url>`."""
        widget = image_widget(str(image), str(kwargs.get("alt_text") or ""))
        if widget is None:
            await self.send_text_message(recipient_id, f"Image: {image}")
        else:
            await self._say(recipient_id, [card(section(widget))])

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Send `Attachment: <value>`; Chat turns a URL into a link."""
        await self.send_text_message(recipient_id, f"Attachment: {attachment}")

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a text with buttons below it."""
        made = self._buttons()
        lists = made.lists(buttons)
        above = texts("\n".join(filter(None, [text or "", *made.lines])))
        messages = packed([*above, *(card(section(each)) for each in lists)])
        await self._say(recipient_id, messages, made)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a carousel as a card with a section for each element."""
        made = self._buttons()
        await self._say(recipient_id, made.cards(elements), made)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Send a message of the Chat API unchanged; any other JSON as text."""
        if is_message(json_message):
            await self._say(recipient_id, [dict(json_message)])
        else:
            await self.send_text_message(recipient_id, json.dumps(json_message))

    async def end_turn(self, recipient_id: str) -> None:
        """Hand over the turn's messages as one; if they do not fit into one, post them."""
        if not self._is_awaited:
            return
        self.messages = packed(self.messages)
        by_api: list[Message] = []
        if self._api is not None and len(self.messages) > 1:
            by_api, self.messages = self.messages, []
        await super().end_turn(recipient_id)
        await self._post(recipient_id, by_api)

    async def answer_late(self, recipient_id: str) -> None:
        """Post the messages of a turn that no request waits for any more."""
        await self._post(recipient_id, self.messages)

    async def _say(
        self, recipient_id: str, messages: list[Message], buttons: Buttons | None = None
    ) -> None:
        """Collect messages for the waiting request, or post them; stores their payloads first."""
        if buttons is not None and self._payloads is not None:
            for key, payload in buttons.payloads.items():
                self._payloads.put(key, payload, LIFETIME)
        if self._is_awaited:
            self.messages += messages
        else:
            await self._post(recipient_id, packed(messages))

    async def _post(self, recipient_id: str, messages: list[Message]) -> None:
        """Post messages, each as one part of the turn."""
        thread = {"thread": {"name": self._thread}} if self._thread else {}
        for message in messages:
            self._posts += 1
            request_id = self._request_id(self._posts)

            async def send(message: Message = message, request_id: str = request_id) -> str:
                api, space = self._way(recipient_id)
                if size(message) > MAX_SIZE:
                    raise SendError(f"hangouts: the message is longer than {MAX_SIZE} bytes")
                return api.create_message(space, {**thread, **message}, request_id)

            await self.deliver(send)

    def _way(self, recipient_id: str) -> tuple[ChatApi, str]:
        if self._api is None:
            raise SendError(
                "hangouts: 'service_account' is needed for messages outside a response "
                "(docs/channels/hangouts.md)"
            )
        named = _SPACE.fullmatch(recipient_id)
        space = self._space or (f"spaces/{named[1]}" if named else "")
        if not space:
            raise SendError("hangouts: the recipient does not name a space")
        return self._api, space

    def _request_id(self, number: int) -> str:
        """The id by which Google recognises a message posted again; "" outside a turn."""
        if not self._message_id:
            return ""
        return hashlib.sha256(f"{self._message_id}#{number}".encode()).hexdigest()[:32]

    def _buttons(self) -> Buttons:
        return Buttons(self._function, remembers=self._payloads is not None)
