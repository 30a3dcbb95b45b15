"""Rocket.Chat's output channel: a bot's messages as `chat.postMessage` calls.

Each posted message is one call and one part of the turn. Rocket.Chat's API has no call to show
typing; its clients do that over their socket.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.errors import RecipientGone, SendError
from channels.messages.attachments import is_url
from channels.messages.text import split_messages, split_text, utf16_units
from channels.output import OutputChannel
from channels.rocketchat.api import RocketChatApi
from channels.rocketchat.attachments import Buttons, card, file, for_visitors, within
from channels.rocketchat.settings import MAX_MESSAGE_SIZE

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore

#: Arguments of `chat.postMessage`, which refuses a message with any other, or with two targets.
_OPTIONS = ("alias", "emoji", "avatar", "tmid", "customFields")
_TARGETS = ("channel", "roomId")
_ARGUMENTS = ("text", "attachments", *_OPTIONS, *_TARGETS)


class RocketChatBot(OutputChannel):
    """Posts to one room: the one in `reply_to`, or else the one in the recipient's id.

    `reply_to` has `room`, `thread`, `trigger_word` and `livechat`, as far as they are known.
    `max_message_size` is the server's Message_MaxAllowedSize (UTF-16 units).
    """

    delivers_parts = True

    def __init__(
        self,
        user: str,
        password: str,
        server_url: str,
        *,
        api: RocketChatApi | None = None,
        reply_to: dict[str, Any] | None = None,
        memory: KeyValueStore | None = None,
        max_message_size: int = MAX_MESSAGE_SIZE,
    ) -> None:
        super().__init__()
        self._api = api or RocketChatApi(server_url, user, password)
        self._reply_to = reply_to or {}
        self._limit = max_message_size
        trigger_word = self._reply_to.get("trigger_word", "")
        self._buttons = Buttons(trigger_word, max_message_size, memory)

    @classmethod
    def name(cls) -> str:
        """`rocketchat`, as in Rasa."""
        return "rocketchat"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Post a text: one message per paragraph, as Rasa does; long paragraphs are split."""
        for part in split_messages(text, self._limit, utf16_units):
            await self._post(recipient_id, {"text": part})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Post an image by its URL; a value that is not a URL becomes the text `Image: <value>`."""
        if not is_url(image):
            await super().send_image_url(recipient_id, image)
            return
        await self._say(recipient_id, "", [{"image_url": image, "collapsed": False}])

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Post a file by its URL, or one or more of Rocket.Chat's own attachments, as in Rasa.

        Rasa's `{"type": "video", "payload": {"src": url}}` is a file too; anything else becomes
        text.
        """
        linked = file(attachment)
        given = attachment if isinstance(attachment, list) else [linked or attachment]
        if _is_objects(given):
            await self._say(recipient_id, "", given)
        else:
            await super().send_attachment(recipient_id, attachment)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post a text with buttons; a click posts the payload as the user's own message.

        As in Rasa, the text is not split at blank lines.
        """
        actions = [self._buttons.action(button) for button in buttons]
        await self._say(recipient_id, text or "", [{"actions": actions}] if actions else [])

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post a carousel as one message, with one attachment per card."""
        await self._say(recipient_id, "", [card(element, self._buttons) for element in elements])

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Post the arguments of `chat.postMessage`; JSON without text and attachments as text.

        `channel` or `roomId` names another room; if both are set, `channel` wins, as in Rasa.
        Unknown arguments, which Rocket.Chat would refuse, raise SendError before anything is sent.
        """
        given = json_message if isinstance(json_message, dict) else {}
        if not (given.get("text") or given.get("attachments")):
            for part in split_text(json.dumps(json_message), self._limit, utf16_units):
                await self._post(recipient_id, {"text": part})
            return
        unknown = [str(key) for key in given if key not in _ARGUMENTS]
        attachments = given.get("attachments") or []
        if unknown or not _is_objects(attachments):
            await self._refuse(", ".join(unknown) or "attachments that are not a list of objects")
            return
        options = {key: given[key] for key in _OPTIONS if given.get(key)}
        target = next(({key: given[key]} for key in _TARGETS if given.get(key)), None)
        await self._say(recipient_id, str(given.get("text") or ""), attachments, options, target)

    async def _refuse(self, what: str) -> None:
        async def send() -> str:
            raise SendError(f"custom JSON: chat.postMessage does not accept {what}")

        await self.deliver(send)

    async def _say(
        self,
        recipient_id: str,
        text: str,
        attachments: list[dict[str, Any]],
        options: dict[str, Any] | None = None,
        target: dict[str, Any] | None = None,
    ) -> None:
        """Post text and attachments; the attachments go with the last part of the text."""
        if self._reply_to.get("livechat") and target is None:
            text, attachments = for_visitors(text, attachments)
        attachments = [each for each in within(self._limit, attachments) if each]
        *parts, last = split_text(text, self._limit, utf16_units) or [""]
        for part in parts:
            await self._post(recipient_id, {"text": part, **(options or {})}, target)
        message: dict[str, Any] = {"text": last} if last else {}
        if attachments:
            message["attachments"] = attachments
        if message:
            await self._post(recipient_id, {**message, **(options or {})}, target)

    async def _post(
        self, recipient_id: str, message: dict[str, Any], target: dict[str, Any] | None = None
    ) -> None:
        """Deliver one part of the turn; `target` names a room other than the conversation's."""

        async def send() -> str:
            if target is None:
                return self._api.post_message({**self._place(recipient_id), **message})
            try:
                return self._api.post_message({**target, **message})
            except RecipientGone as error:
                # The bot named another room: the conversation's own room is not gone.
                raise SendError(str(error)) from error

        await self.deliver(send)

    def _place(self, recipient_id: str) -> dict[str, Any]:
        room = self._reply_to.get("room") or recipient_id.partition(":")[0]
        thread = self._reply_to.get("thread")
        return {"roomId": room, "tmid": thread} if thread else {"roomId": room}


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
