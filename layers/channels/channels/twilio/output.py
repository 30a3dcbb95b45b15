"""Twilio's output channel: a bot's messages as Messages API calls.

Each posted message is one call and one part of the turn. A file that Twilio refuses is sent as its
URL.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.channel import OutputChannel
from channels.errors import RecipientGone, SendError
from channels.messages.attachments import url_of
from channels.messages.simpler_form import send_or_simplify
from channels.messages.text import split_messages, split_text, utf16_units
from channels.twilio.api import TwilioApi
from channels.twilio.choices import Choice, choice_of, remember
from channels.twilio.custom_json import MAX_BODY, messages_of, parameters_of

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.twilio.custom_json import Message


class TwilioOutput(OutputChannel):
    """Sends to one user's address, `+1...` or `whatsapp:+1...`, which is the recipient's id.

    Messages come from the messaging service, or else from the number that the user wrote to, or
    else from `twilio_number`. `typing` shows the indicator on WhatsApp. `memory` stores the
    payloads that the numbers in a message stand for.
    """

    delivers_parts = True

    def __init__(  # noqa: PLR0913 (Rasa's parameters, and ours)
        self,
        account_sid: str,
        auth_token: str,
        twilio_number: str | None,
        *,
        messaging_service_sid: str | None = None,
        reply_to: dict[str, Any] | None = None,
        typing: bool = False,
        memory: KeyValueStore | None = None,
        api: TwilioApi | None = None,
    ) -> None:
        super().__init__()
        self._api = api or TwilioApi(account_sid, (account_sid, auth_token))
        self._reply_to = reply_to or {}
        self._messaging_service_sid = messaging_service_sid
        self._number = self._reply_to.get("number") or twilio_number or ""
        self._typing = typing
        self._memory = memory
        self._choices: list[Choice] = []

    @classmethod
    def name(cls) -> str:
        """`twilio`, as in Rasa."""
        return "twilio"

    async def show_typing(self, recipient_id: str) -> None:
        """Show WhatsApp's typing indicator if `typing` is on; SMS has none."""
        message_sid = self._reply_to.get("message_sid")
        if self._typing and message_sid and recipient_id.startswith("whatsapp:"):
            self._api.show_typing(message_sid)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send a text: one message per paragraph, as Rasa does; long paragraphs are split."""
        for part in split_messages(text, MAX_BODY, utf16_units):
            await self._post(recipient_id, {"body": part})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Send an image by its URL, or the text `Image: <url>` if Twilio refuses the image."""
        await self._post(recipient_id, {"media_url": [image]}, {"body": f"Image: {image}"})

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Send a file, given as a URL or as Rasa's `{"payload": {"src": url}}`; else send text."""
        url = url_of(attachment)
        if url is None:
            await self.send_text_message(recipient_id, f"Attachment: {attachment}")
            return
        await self._post(recipient_id, {"media_url": [url]}, {"body": f"Attachment: {url}"})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a text and the buttons' titles, numbered, as one message.

        Numbering continues within a turn, so that each number stands for one button. A button with
        a `url` becomes a line with its title and that URL.
        """
        lines = [text] if text else []
        offered = len(self._choices)
        for button in buttons:
            choice = choice_of(button)
            if button.get("url"):
                lines.append(f"{choice.title}: {button['url']}")
            else:
                self._choices.append(choice)
                lines.append(f"{len(self._choices)}. {choice.title}")
        choices = list(self._choices) if len(self._choices) > offered else []
        for part in split_text("\n".join(lines), MAX_BODY, utf16_units):
            await self._post(recipient_id, {"body": part}, choices=choices)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send each card: its image, then its title and subtitle with its buttons."""
        for element in elements:
            if element.get("image_url"):
                await self.send_image_url(recipient_id, str(element["image_url"]))
            titles = [str(element[key]) for key in ("title", "subtitle") if element.get(key)]
            text, buttons = " : ".join(titles), element.get("buttons") or []
            await self.send_text_with_buttons(recipient_id, text, buttons)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Send the arguments of twilio-python's `messages.create`, as in Rasa.

        JSON with none of these arguments is sent as text; an unknown argument beside them is
        refused with a SendError.
        """
        messages = messages_of(json_message, recipient_id)
        if not messages:
            await self.send_text_message(recipient_id, json.dumps(json_message))
        for message in messages:
            await self._post(recipient_id, message)

    async def _post(
        self,
        recipient_id: str,
        message: Message,
        fallback: Message | None = None,
        choices: list[Choice] | None = None,
    ) -> None:
        """Deliver one part of the turn: store its choices, then make the call.

        `fallback` is sent if Twilio refuses `message` for good, which then was not sent.
        """

        async def send() -> str:
            if choices and self._memory is not None:
                remember(self._memory, recipient_id, choices)
            return send_or_simplify(
                self.name(), lambda each: self._send(recipient_id, each), message, fallback
            )

        await self.deliver(send)

    def _send(self, recipient_id: str, message: Message) -> str:
        addressed = {"to": recipient_id, **self._sender(message), **message}
        try:
            return self._api.send_message(parameters_of(addressed))
        except RecipientGone as error:
            if addressed["to"] == recipient_id:
                raise
            # The bot named another recipient: the conversation's own user is not gone.
            raise SendError(str(error)) from error

    def _sender(self, message: Message) -> Message:
        """The sender to add, unless the message names one itself."""
        if "from_" in message or "messaging_service_sid" in message:
            return {}
        if self._messaging_service_sid:
            return {"messaging_service_sid": self._messaging_service_sid}
        return {"from_": self._number}
