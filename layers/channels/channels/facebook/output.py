"""Output of the facebook channel: a bot's messages via Meta's Send API, one call per message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.channel import OutputChannel
from channels.facebook.messages import (
    INSTAGRAM,
    MESSENGER,
    attachment_message,
    button_messages,
    card_messages,
    image_message,
    quick_reply_messages,
    text_messages,
)
from channels.facebook.payloads import has_long_payload, with_keys
from channels.messages.payloads import LIFETIME
from channels.messages.simpler_form import send_or_simplify

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.facebook.graph import GraphPage

#: A custom message with one of these keys is a whole request of the Send API.
_REQUEST_KEYS = {"message", "messaging_type", "notification_type", "sender_action", "tag"}


class MessengerBot(OutputChannel):
    """Sends to one user of a page, or of an Instagram account."""

    delivers_parts = True

    def __init__(
        self,
        page: GraphPage,
        recipient: dict[str, str] | None = None,
        *,
        is_instagram: bool = False,
        memory: KeyValueStore | None = None,
    ) -> None:
        """Send as `page` to `recipient` (in the Send API's form), or to the user a call names.

        `memory` keeps payloads that are too long for a button; without it those buttons are sent as
        numbered texts.
        """
        super().__init__()
        self._page = page
        self._recipient = recipient
        self._limits = INSTAGRAM if is_instagram else MESSENGER
        self._memory = memory

    @classmethod
    def name(cls) -> str:
        """`facebook`, as in Rasa."""
        return "facebook"

    async def show_typing(self, recipient_id: str) -> None:
        """Mark the user's message as seen and show the typing dots, as in Rasa; they time out.

        Does nothing for a user who has no id yet (`user_ref`).
        """
        recipient = self._recipient_of(recipient_id)
        if "id" in recipient:
            for action in ("mark_seen", "typing_on"):
                self._page.post({"recipient": recipient, "sender_action": action})

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send a text, one message per part between blank lines."""
        await self._send(recipient_id, text_messages(text, self._limits))

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Send an image, or its URL as text if Meta cannot take the image."""
        await self._send_file(recipient_id, image_message(image), f"Image: {image}")

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Send a file by its URL, or an attachment in Meta's format; anything else as text."""
        message = attachment_message(attachment)
        if message is None:
            await super().send_attachment(recipient_id, attachment, **kwargs)
        else:
            await self._send_file(recipient_id, message, f"Attachment: {attachment}")

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send button templates, three buttons each."""
        if self._memory is None and has_long_payload(buttons):
            await super().send_text_with_buttons(recipient_id, text, buttons, **kwargs)
        else:
            await self._send(recipient_id, button_messages(text, buttons, self._limits))

    async def send_quick_replies(
        self,
        recipient_id: str,
        text: str | None,
        quick_replies: list[dict[str, Any]],
        **kwargs: Any,
    ) -> None:
        """Send quick replies; more than 13 become buttons."""
        if self._memory is None and has_long_payload(quick_replies):
            await super().send_quick_replies(recipient_id, text, quick_replies, **kwargs)
        else:
            await self._send(recipient_id, quick_reply_messages(text, quick_replies, self._limits))

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a carousel of generic templates, ten cards each."""
        buttons = [button for element in elements for button in element.get("buttons") or []]
        if self._memory is None and has_long_payload(buttons):
            await super().send_elements(recipient_id, elements, **kwargs)
        else:
            await self._send(recipient_id, card_messages(elements, self._limits))

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Send the platform's own JSON unchanged: a `message`, several of them, or whole requests.

        As in Rasa, `{"sender": {"id": ...}}` in it names another recipient. A request has a
        `sender_action`, or a `message` next to `messaging_type`, `tag` and the like.
        """
        for each in json_message if isinstance(json_message, list) else [json_message]:
            if not isinstance(each, dict):
                await super().send_custom_json(recipient_id, each, **kwargs)
                continue
            content = {key: value for key, value in each.items() if key != "sender"}
            sender = each.get("sender")
            other = isinstance(sender, dict) and sender.get("id")
            recipient = {"id": str(other)} if other else self._recipient_of(recipient_id)
            await self._deliver(_request(recipient, content))

    async def _send(self, recipient_id: str, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            await self._deliver(_response(self._recipient_of(recipient_id), message))

    async def _deliver(self, body: dict[str, Any]) -> None:
        async def send() -> str:
            return self._post(body)

        await self.deliver(send)

    async def _send_file(self, recipient_id: str, message: dict[str, Any], text: str) -> None:
        """Send one part: the file, or text instead if Meta refuses it (too large, not found)."""
        recipient = self._recipient_of(recipient_id)

        def post(messages: list[dict[str, Any]]) -> str:
            ids = [self._post(_response(recipient, each)) for each in messages]
            return ids[0]

        async def send() -> str:
            simpler = text_messages(text, self._limits)
            return send_or_simplify(self.name(), post, [message], simpler)

        await self.deliver(send)

    def _post(self, body: dict[str, Any]) -> str:
        """Store the payloads that are too long, and make the call."""
        if self._memory is None:
            return self._page.post(body)
        fitting, stored = with_keys(body)
        for key, payload in stored.items():
            self._memory.put(key, payload, LIFETIME)
        return self._page.post(fitting)

    def _recipient_of(self, recipient_id: str) -> dict[str, str]:
        """The recipient of this output, or the user of a conversation (`[<page>:]<user>`)."""
        return self._recipient or {"id": recipient_id.rpartition(":")[2]}


def _response(recipient: dict[str, str], message: dict[str, Any]) -> dict[str, Any]:
    return {"recipient": recipient, "messaging_type": "RESPONSE", "message": message}


def _request(recipient: dict[str, str], content: dict[str, Any]) -> dict[str, Any]:
    if not _REQUEST_KEYS & content.keys():
        return _response(recipient, content)
    kind = {} if "sender_action" in content else {"messaging_type": "RESPONSE"}
    return {"recipient": recipient, **kind, **content}
