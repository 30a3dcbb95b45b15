"""Output of the botframework channel: one activity per message.

The body is Rasa's, with corrections: the conversation's id is encoded, buttons are card actions,
and a reply names the activity it replies to.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from channels.botframework.activities import TEAMS
from channels.botframework.cards import MAX_SUGGESTED, NO_TEXT, Buttons, hero, with_long_titles
from channels.botframework.connector import Connector
from channels.botframework.custom_json import custom_fields, file_attachments, method_of
from channels.botframework.limits import parts_of, within_limits
from channels.botframework.line_breaks import card_html, card_units, hard_breaks
from channels.errors import SendError
from channels.messages.fields import object_of
from channels.messages.payloads import LIFETIME, key_of
from channels.messages.text import split_paragraphs
from channels.output import OutputChannel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from channels.channel import KeyValueStore

logger = logging.getLogger(__name__)

#: A Rasa element with one of these keys is a card; any other is an activity, as in Rasa.
_CARD_KEYS = frozenset(("title", "subtitle", "image_url", "buttons"))

#: As in Rasa: asks Teams to notify the user of the message.
_NOTIFICATION = {"notification": {"alert": "true"}}


class BotFramework(OutputChannel):
    """Sends to one conversation; takes Rasa's parameters, then ours."""

    delivers_parts = True

    def __init__(  # noqa: PLR0913 (Rasa's parameters, and ours)
        self,
        app_id: str,
        app_password: str,
        conversation: dict[str, Any],
        bot: dict[str, Any],
        service_url: str,
        *,
        user: dict[str, Any] | None = None,
        channel_id: str = "",
        activity_id: str = "",
        memory: KeyValueStore | None = None,
        connector: Connector | None = None,
    ) -> None:
        """Take the parts of a conversation reference, and the connector to send through.

        `service_url` is "" if the bot's token may not be sent there; sending then fails. `memory`
        keeps payloads that are too long for a button.
        """
        super().__init__()
        self.conversation = conversation
        self.bot = bot
        self.service_url = service_url
        self._user = user or {}
        self._channel_id = channel_id
        self._activity_id = activity_id
        self._memory = memory
        self._connector = connector or Connector.of_bot(app_id, app_password)
        self._buttons = Buttons(channel_id, memory)

    @classmethod
    def name(cls) -> str:
        """`botframework`."""
        return "botframework"

    async def show_typing(self, recipient_id: str) -> None:
        """Show that the bot is typing, until the platform's timeout or the next message."""
        self._send(self._activity(recipient_id, {"type": "typing"}))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send a text, one message per paragraph as in Rasa; long paragraphs are split."""
        for paragraph in split_paragraphs(text):
            await self._post(recipient_id, self._written(paragraph))

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Send an image on a hero card, as in Rasa; screen readers read `alt_text`."""
        picture = {"url": image}
        if kwargs.get("alt_text"):
            picture["alt"] = str(kwargs["alt_text"])
        await self._post(recipient_id, {"attachments": [hero({"images": [picture]})]})

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Send a file by its URL, or the platform's own attachments; anything else as text."""
        attachments = file_attachments(attachment, self._channel_id)
        if attachments:
            await self._post(recipient_id, {"attachments": attachments})
        else:
            await super().send_attachment(recipient_id, attachment)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a hero card with the text and the buttons, six per card."""
        whole = with_long_titles(text or "", buttons)
        *before, last = self._parts(whole) or [""]
        for part in before:
            await self._post(recipient_id, self._written(part))
        last = card_html(last) if self._channel_id == TEAMS else last
        cards = self._buttons.cards({"text": last} if last else {}, buttons)
        await self._post(recipient_id, {"attachments": cards}, buttons)

    async def send_quick_replies(
        self,
        recipient_id: str,
        text: str | None,
        quick_replies: list[dict[str, Any]],
        **kwargs: Any,
    ) -> None:
        """Send suggested actions if the channel has them and returns their payloads; else cards.

        They vanish once one is chosen.
        """
        kind = str(self.conversation.get("conversationType") or "")
        actions = self._buttons.suggested(quick_replies, kind)
        if actions is None:
            await self.send_text_with_buttons(recipient_id, text, quick_replies)
            return
        to = [str(self._recipient(recipient_id)["id"])]
        text = with_long_titles(text or "", quick_replies) or NO_TEXT
        fields = {**self._written(text), "suggestedActions": {"to": to, "actions": actions}}
        await self._post(recipient_id, fields, quick_replies)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a carousel of hero cards; elements that are not cards are activities, as in Rasa."""
        shown = [element for element in elements if _CARD_KEYS & element.keys()]
        cards = [card for element in shown for card in self._buttons.element_cards(element)]
        buttons = [button for element in shown for button in element.get("buttons") or []]
        if cards:
            fields = {"attachmentLayout": "carousel", "attachments": cards}
            await self._post(recipient_id, fields, buttons)
        for element in (each for each in elements if not _CARD_KEYS & each.keys()):
            await self.send_custom_json(recipient_id, element)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Send an activity, its missing fields filled in as in Rasa; an Adaptive Card; attachments.

        An `id` updates the activity with that id; with the type `messageDelete` it deletes it.
        """
        fields = custom_fields(json_message)
        if fields is None:
            await self._post(recipient_id, {"text": json.dumps(json_message)})
        else:
            self._tell_of_unshown(fields)
            await self._post(recipient_id, fields)

    def _tell_of_unshown(self, fields: dict[str, Any]) -> None:
        """Log that Teams leaves out suggested actions: the bot's own activity is sent as it is."""
        actions = object_of(fields, "suggestedActions").get("actions")
        count = len(actions) if isinstance(actions, list) else 0
        if self._channel_id == TEAMS and count > MAX_SUGGESTED:
            logger.warning(
                "botframework: Teams shows %d of %d suggested actions of a custom activity in %s",
                MAX_SUGGESTED,
                count,
                self.conversation.get("id"),
            )

    def _written(self, text: str) -> dict[str, Any]:
        """The fields of a text message; Teams needs explicit line breaks."""
        if self._channel_id != TEAMS:
            return {"text": text}
        return {"text": hard_breaks(text), "textFormat": "markdown"}

    def _parts(self, text: str) -> list[str]:
        """Split a text into parts that each fit into a message, also on a card."""
        if self._channel_id != TEAMS:
            return parts_of(text)
        return parts_of(text.replace("\r\n", "\n"), card_units)

    async def _post(
        self,
        recipient_id: str,
        fields: dict[str, Any],
        buttons: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Send a message in as many activities as it takes; each is one part of the turn."""
        for each in within_limits(fields):
            activity = self._activity(recipient_id, each)

            async def send(activity: dict[str, Any] = activity) -> str:
                self._remember(buttons)
                return self._send(activity)

            await self.deliver(send)

    def _remember(self, buttons: Sequence[dict[str, Any]]) -> None:
        if self._memory is not None:
            for payload in self._buttons.long_payloads(list(buttons)):
                self._memory.put(key_of(payload), payload, LIFETIME)

    def _send(self, activity: dict[str, Any]) -> str:
        conversation_id = str(self.conversation.get("id") or "")
        if not self.service_url or not conversation_id:
            raise SendError(
                "the conversation's service URL is not proved to be Microsoft's: the user has to "
                "write again, or 'trusted_service_urls' has to list it "
                "(docs/channels/botframework.md)"
            )
        method = method_of(activity)
        return self._connector.send(self.service_url, conversation_id, activity, method)

    def _activity(self, recipient_id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """An activity of these fields; missing ones are filled in."""
        activity: dict[str, Any] = {
            "type": "message",
            "recipient": self._recipient(recipient_id),
            "conversation": {"id": self.conversation.get("id")},
        }
        if self.bot:
            activity["from"] = self.bot
        if self._activity_id:
            activity["replyToId"] = self._activity_id
        activity |= fields
        if activity["type"] == "message":
            activity["channelData"] = {**_NOTIFICATION, **object_of(fields, "channelData")}
        return activity

    def _recipient(self, recipient_id: str) -> dict[str, Any]:
        return self._user or {"id": recipient_id}
