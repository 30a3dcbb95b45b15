"""Telegram's output channel: a bot's messages as Bot API calls.

Each posted message is one call and one part of the turn. A message that Telegram refuses is sent
again in a simpler form: a photo as its URL, buttons as lines, broken markup as plain text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.channel import OutputChannel
from channels.messages.attachments import url_of
from channels.messages.payloads import LIFETIME
from channels.messages.text import split_text, utf16_units
from channels.telegram.api import TelegramApi
from channels.telegram.chat import TelegramChat
from channels.telegram.custom_json import Call, calls_of
from channels.telegram.keyboard import NO_TEXT, Keyboard, keyboards
from channels.telegram.markup import MAX_CAPTION, MAX_TEXT, escape, split_marked
from channels.telegram.settings import API_BASE, PARSE_MODES

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore

#: What each type of attachment is sent as; other types and plain URLs are sent as documents.
_ATTACHMENTS = {"image": "photo", "photo": "photo", "audio": "audio", "video": "video"}
_METHODS = {
    "photo": "sendPhoto",
    "audio": "sendAudio",
    "video": "sendVideo",
    "document": "sendDocument",
}


class TelegramOutput(OutputChannel):
    """Sends to one chat: the one in `reply_to`, or else the one in the recipient's id.

    `parse_mode` is the markup of the bot's texts: `HTML`, `MarkdownV2`, `Markdown`, or None for
    plain text. `memory` stores payloads that are too long for a button.
    """

    delivers_parts = True

    def __init__(
        self,
        access_token: str,
        *,
        reply_to: dict[str, Any] | None = None,
        parse_mode: str | None = None,
        memory: KeyValueStore | None = None,
        api: TelegramApi | None = None,
    ) -> None:
        super().__init__()
        self._chat = TelegramChat(api or TelegramApi(access_token, API_BASE), reply_to)
        self._parse_mode = parse_mode
        self._memory = memory

    @classmethod
    def name(cls) -> str:
        """`telegram`, as in Rasa."""
        return "telegram"

    async def show_typing(self, recipient_id: str) -> None:
        """Show `typing` in the chat; it ends after 5 seconds or when a message arrives."""
        self._chat.post(recipient_id, Call("sendChatAction", {"action": "typing"}))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send a text: one message per paragraph, as Rasa does; long paragraphs are split."""
        mode = self._mode(kwargs)
        for part in split_marked(text, mode):
            await self._post(recipient_id, _message(part, mode))

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Send a photo by its URL, or the text `Image: <url>` if Telegram refuses the photo."""
        fallback = _message(f"Image: {image}")
        await self._post(recipient_id, Call("sendPhoto", {"photo": image}), fallback)

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Send a file, given as a URL or as Rasa's `{"type": "video", "payload": {"src": url}}`.

        Telegram fetches only a few kinds of documents by URL; others become `Attachment: <url>`.
        """
        url = url_of(attachment)
        if url is None:
            text = f"Attachment: {attachment}"
            await self.send_text_message(recipient_id, text, parse_mode=None)
            return
        named = str(attachment.get("type")) if isinstance(attachment, dict) else ""
        kind = _ATTACHMENTS.get(named, "document")
        fallback = _message(f"Attachment: {url}")
        await self._post(recipient_id, Call(_METHODS[kind], {kind: url}), fallback)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send a text with buttons; the response's `button_type` is inline, vertical or reply.

        As in Rasa, the text is not split at blank lines.
        """
        mode = self._mode(kwargs)
        boards = keyboards(buttons, str(kwargs.get("button_type") or "inline"))
        *parts, last = split_marked(text or NO_TEXT, mode, split_text) or [NO_TEXT]
        for part in parts:
            await self._post(recipient_id, _message(part, mode))
        if not boards:
            await self._post(recipient_id, _message(last, mode))
        for number, board in enumerate(boards):
            above = _message(NO_TEXT if number else last, mode)
            lines = _with_lines(above, board)
            await self._post(recipient_id, _with_board(above, board), lines, board)

    async def send_quick_replies(
        self,
        recipient_id: str,
        text: str | None,
        quick_replies: list[dict[str, Any]],
        **kwargs: Any,
    ) -> None:
        """Send quick replies as buttons of the response's `button_type`."""
        await self.send_text_with_buttons(recipient_id, text, quick_replies, **kwargs)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Send each card: its image with title, subtitle and buttons, or else Rasa's text form."""
        for element in elements:
            await self._send_element(recipient_id, element, self._mode(kwargs), kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Make the calls that the keys of the message select; if none, send the JSON as text.

        A `chat_id` in the message sends it to another chat.
        """
        calls = calls_of(json_message)
        if not calls:
            await self.send_text_message(recipient_id, json.dumps(json_message), parse_mode=None)
        for call in calls:
            for each in _within_limits(call, self._parse_mode):
                await self._post(recipient_id, each)

    async def _send_element(
        self, recipient_id: str, element: dict[str, Any], mode: str | None, kwargs: dict[str, Any]
    ) -> None:
        titles = [str(element[key]) for key in ("title", "subtitle") if element.get(key)]
        text = escape(" : ".join(titles), mode)
        buttons, image = element.get("buttons") or [], element.get("image_url")
        boards = keyboards(buttons, "inline")
        if image and len(boards) <= 1 and utf16_units(text) <= MAX_CAPTION:
            board = boards[0] if boards else None
            photo = _marked(Call("sendPhoto", {"photo": image, "caption": text}), mode)
            message = _message(f"{text}\n{escape(str(image), mode)}".strip(), mode)
            calls = _with_board(photo, board), _with_board(message, board)
            await self._post(recipient_id, *calls, board)
            return
        if image:
            await self.send_image_url(recipient_id, str(image))
        if text or buttons:
            await self.send_text_with_buttons(recipient_id, text, buttons, **kwargs)

    def _mode(self, kwargs: dict[str, Any]) -> str | None:
        """The markup of a text: a response's own `parse_mode` takes precedence."""
        mode = kwargs.get("parse_mode", self._parse_mode)
        return mode if mode in PARSE_MODES else None

    async def _post(
        self,
        recipient_id: str,
        call: Call,
        fallback: Call | None = None,
        board: Keyboard | None = None,
    ) -> None:
        """Deliver one part of the turn: store the keyboard's payloads, then make the call."""

        async def send() -> str | None:
            if board is not None and self._memory is not None:
                for key, payload in board.payloads.items():
                    self._memory.put(key, payload, LIFETIME)
            return self._chat.post(recipient_id, call, fallback)

        await self.deliver(send)


def _message(text: str, mode: str | None = None) -> Call:
    return _marked(Call("sendMessage", {"text": text}), mode)


def _marked(call: Call, mode: str | None) -> Call:
    return Call(call.method, {**call.parameters, "parse_mode": mode}) if mode else call


def _with_board(call: Call, board: Keyboard | None) -> Call:
    markup = {"reply_markup": board.markup} if board else {}
    return Call(call.method, {**call.parameters, **markup})


def _with_lines(call: Call, board: Keyboard) -> Call:
    """A message with text lines in place of its keyboard, as Rasa writes buttons by default."""
    lines = escape("\n".join(board.lines), call.parameters.get("parse_mode"))
    text = f"{call.parameters['text']}\n{lines}"
    return Call(call.method, {**call.parameters, "text": text}) if _fits(text) else call


def _fits(text: str) -> bool:
    return utf16_units(text) <= MAX_TEXT


def _within_limits(call: Call, mode: str | None) -> list[Call]:
    """Split a custom message's long text into several calls; the last has the keyboard."""
    method, parameters = call
    text = parameters.get("text")
    if method != "sendMessage" or not isinstance(text, str):
        return [call]
    if "entities" not in parameters and "parse_mode" not in parameters:
        parameters = {**parameters, "parse_mode": mode} if mode else parameters
    if _fits(text):
        return [Call(method, parameters)]
    taken = ("text", "entities", "reply_markup")
    others = {key: each for key, each in parameters.items() if key not in taken}
    written_in = others.get("parse_mode")
    parts = split_marked(text, written_in if written_in in PARSE_MODES else None)
    calls = [Call(method, {**others, "text": part}) for part in parts]
    if calls and "reply_markup" in parameters:
        calls[-1].parameters["reply_markup"] = parameters["reply_markup"]
    return calls
