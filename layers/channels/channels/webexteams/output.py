"""Webex's output channel: a bot's messages, each as one "Create a Message" call.

A message that Webex refuses is sent again in a simpler form: a file as its URL, a card as lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from channels.errors import RecipientGone, SendError
from channels.messages.attachments import is_url, source_of
from channels.messages.payloads import LIFETIME
from channels.messages.simpler_form import send_or_simplify
from channels.messages.text import split_messages, split_text, utf8_bytes
from channels.output import OutputChannel
from channels.webexteams.api import WebexApi
from channels.webexteams.cards import cards, element_body, text_block
from channels.webexteams.contents import thread_root
from channels.webexteams.custom_json import MAX_TEXT, TARGETS, messages_of
from channels.webexteams.settings import API_BASE

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore
    from channels.webexteams.cards import Card

#: A code block, or a line end that another line follows.
_LINES = re.compile(r"(?P<code>^ {0,3}(`{3,}).*?^ {0,3}\2`*[ ]*$)|(?<=\S)\n(?=[^\n])", re.M | re.S)

#: Notifies everybody in the room; a bot that repeats a user's text must not.
_BROADCAST = re.compile(r"<(?=@all\b)")


class WebexTeamsBot(OutputChannel):
    """Posts to one room; takes Rasa's parameters, then ours.

    As in Rasa, everything goes to `room`; without one, to the room in `reply_to`, or else to the
    one in the recipient's id. `use_threads` replies in the thread of the message. `memory` stores
    the payloads of buttons.
    """

    delivers_parts = True

    def __init__(
        self,
        access_token: str,
        room: str | None = None,
        *,
        api: WebexApi | None = None,
        reply_to: dict[str, Any] | None = None,
        use_threads: bool = False,
        memory: KeyValueStore | None = None,
    ) -> None:
        super().__init__()
        self.room = room
        self._api = api or WebexApi(access_token, API_BASE)
        self._reply_to = reply_to or {}
        self._use_threads = use_threads
        self._memory = memory
        self._root: str | None = self._reply_to.get("parentId")

    @classmethod
    def name(cls) -> str:
        """`webexteams`, as in Rasa."""
        return "webexteams"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Post a text as markdown: one message per paragraph, as Rasa does; long ones are split."""
        for part in split_messages(text, MAX_TEXT, _size):
            await self._post(recipient_id, _message(part))

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Post an image as a file, or the text `Image: <url>` if Webex refuses the image."""
        await self._post_file(recipient_id, image, f"Image: {image}")

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Post a file, given as a URL or as Rasa's `{"type": "video", "payload": {"src": url}}`.

        If it is not a URL, or if Webex refuses it, post the text `Attachment: <value>`.
        """
        source = source_of(attachment)
        named = source if isinstance(source, str) and source else attachment
        await self._post_file(recipient_id, source, f"Attachment: {named}")

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post a text and its buttons as a card, with further cards for more than five buttons.

        As in Rasa, the text is not split at blank lines.
        """
        *before, last = split_text(text or "", MAX_TEXT, _size) or [""]
        for part in before:
            await self._post(recipient_id, _message(part))
        body = [text_block(last)] if last else []
        await self._post_cards(recipient_id, last, cards(body, buttons))

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post each element as a card with its image, title, subtitle and buttons."""
        for element in elements:
            titles = [str(element[key]) for key in ("title", "subtitle") if element.get(key)]
            text, url = " : ".join(titles), str(element.get("image_url") or "")
            buttons = element.get("buttons") or []
            if _size(f"{text}\n{url}") <= MAX_TEXT:
                made = cards(element_body(element), buttons)
                await self._post_cards(recipient_id, text, made, url)
                continue
            if url:
                await self.send_image_url(recipient_id, url)
            await self.send_text_with_buttons(recipient_id, text, buttons)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Post the parameters of "Create a Message" unchanged; other JSON as text.

        `roomId`, `toPersonId` or `toPersonEmail` in the JSON names another recipient.
        """
        messages = messages_of(json_message)
        for message in messages:
            await self._post(recipient_id, message)
        if not messages:
            await super().send_custom_json(recipient_id, json_message)

    async def _post_file(self, recipient_id: str, url: Any, text: str) -> None:
        if not is_url(url):
            await self.send_text_message(recipient_id, text)
            return
        fits = _size(text) <= MAX_TEXT
        await self._post(recipient_id, {"files": [url]}, _message(text) if fits else None)

    async def _post_cards(
        self, recipient_id: str, text: str, made: list[Card], url: str = ""
    ) -> None:
        """Post cards; for clients that cannot show them, the first has the text, others the titles.

        `url` is the image on the first card.
        """
        for index, card in enumerate(made):
            shown = "" if index else text
            stand_in = shown or _within_limit(", ".join(card.titles) or url)
            message = {**_message(stand_in), "attachments": [card.attachment]}
            lines = "\n".join(each for each in (shown, "" if index else url, *card.lines) if each)
            fallback = _message(lines if _size(lines) <= MAX_TEXT else stand_in)
            await self._post(recipient_id, message, fallback, card.payloads)

    async def _post(
        self,
        recipient_id: str,
        message: dict[str, Any],
        fallback: dict[str, Any] | None = None,
        payloads: dict[str, str] | None = None,
    ) -> None:
        """Deliver one part of the turn: `message`, or `fallback` if Webex refuses it."""

        async def send() -> str:
            if self._memory is not None:
                for key, payload in (payloads or {}).items():
                    self._memory.put(key, payload, LIFETIME)
            return send_or_simplify(
                self.name(), lambda each: self._posted(recipient_id, each), message, fallback
            )

        await self.deliver(send)

    def _posted(self, recipient_id: str, message: dict[str, Any]) -> str:
        has_target = any(message.get(key) for key in TARGETS)
        place = {} if has_target else self._place(recipient_id)
        try:
            return self._api.post_message({**place, **message})
        except RecipientGone as error:
            if has_target:
                # The bot named another room: the conversation's own room is not gone.
                raise SendError(str(error)) from error
            if "parentId" not in place:
                raise
        # The thread is gone, but its room may still exist.
        self._root = ""
        return self._posted(recipient_id, message)

    def _place(self, recipient_id: str) -> dict[str, str]:
        """The room, and the root of its thread, which webhooks do not always name."""
        asked_in = self._reply_to.get("roomId")
        room = self.room or asked_in or recipient_id.partition(":")[0]
        if not self._use_threads or room != asked_in:
            return {"roomId": room}
        if self._root is None:
            message_id = self._reply_to.get("messageId")
            self._root = thread_root(self._api, message_id) if message_id else ""
        return {"roomId": room, "parentId": self._root} if self._root else {"roomId": room}


def _message(text: str) -> dict[str, str]:
    """A text as markdown, and unchanged for clients that do not render markdown."""
    return {"markdown": _markdown(text), "text": text}


def _markdown(text: str) -> str:
    """A text as markdown: with its line breaks, which markdown would drop, without broadcasts."""
    return _BROADCAST.sub("&lt;", _LINES.sub(lambda found: found["code"] or "  \n", text))


def _size(text: str) -> int:
    """The most bytes that a text may have as markdown."""
    return utf8_bytes(text) + 2 * text.count("\n") + 3 * text.count("<@all")


def _within_limit(text: str) -> str:
    return next(iter(split_text(text, MAX_TEXT, _size)), "\u2026")
