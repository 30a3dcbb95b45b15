"""Slack's output channel: a bot's messages, each as one Web API call."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from channels.errors import RecipientGone, SendError
from channels.messages.attachments import file_name_of
from channels.messages.buttons import said_by, title_of
from channels.messages.text import split_messages, split_text
from channels.output import OutputChannel
from channels.slack.api import SlackApi
from channels.slack.blocks import (
    MAX_BLOCKS,
    MAX_OPTION_VALUE,
    MAX_SECTION,
    MAX_URL,
    MAX_VALUE,
    Button,
    controls,
    image_block,
    is_menu,
    label_of,
    section,
)
from channels.slack.payloads import shortened
from channels.slack.settings import API_BASE
from channels.slack.text import mrkdwn

if TYPE_CHECKING:
    from typing import Any

    from channels.channel import KeyValueStore

#: Longest text that Slack recommends (characters); it silently cuts texts over 40,000.
MAX_TEXT = 4000


def _length(text: str) -> int:
    return len(mrkdwn(text))


class SlackBot(OutputChannel):
    """Posts to one conversation of a workspace; takes Rasa's parameters, then ours.

    Messages go to `slack_channel`, or to the recipient without one, in the thread `thread_id`.
    `ephemeral` shows them to `user` only, except in direct messages. `response_url` is used where
    the bot may not post, since a command works in every channel. `typing` is the status shown in
    the thread while the agent works. `memory` stores payloads that are too long for Slack.
    """

    delivers_parts = True

    def __init__(  # noqa: PLR0913 (Rasa's parameters, and ours)
        self,
        token: str,
        slack_channel: str | None = None,
        thread_id: str | None = None,
        proxy: str | None = None,
        *,
        api: SlackApi | None = None,
        memory: KeyValueStore | None = None,
        user: str | None = None,
        response_url: str | None = None,
        ephemeral: bool = False,
        typing: str | None = None,
    ) -> None:
        super().__init__()
        self.slack_channel = slack_channel
        self.thread_id = thread_id
        self._api = api or SlackApi(token, API_BASE, proxy)
        self._memory = memory
        self._user = user
        self._response_url = response_url
        self._ephemeral = ephemeral
        self._typing = typing

    @classmethod
    def name(cls) -> str:
        """`slack`."""
        return "slack"

    async def show_typing(self, recipient_id: str) -> None:
        """Show the status `typing` in the thread; Slack shows no status outside threads."""
        if self._typing and self.thread_id:
            place = {"channel_id": self._channel(recipient_id), "thread_ts": self.thread_id}
            self._api.call("assistant.threads.setStatus", {**place, "status": self._typing})

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Post a text: one message per paragraph, as Rasa does; long paragraphs are split."""
        for part in split_messages(text, MAX_TEXT, _length):
            await self._post(recipient_id, {"text": mrkdwn(part)})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Post an image; its `alt_text` for screen readers defaults to the file's name.

        An image that Slack cannot fetch becomes a link.
        """
        if len(image) > MAX_URL:
            await super().send_image_url(recipient_id, image)
            return
        alt_text = str(kwargs.get("alt_text") or file_name_of(image) or "image")
        await self._post(
            recipient_id,
            {"text": image, "blocks": [image_block(image, alt_text)]},
            fallback={"text": mrkdwn(image)},
        )

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Post an attachment.

        A URL becomes a titled link, and `{"filename", "content"}` (base64) an uploaded file. Any
        other object or list is posted as Slack's own `attachments`, as in Rasa.
        """
        if isinstance(attachment, dict) and {"filename", "content"} <= attachment.keys():
            await self._upload(recipient_id, attachment)
            return
        if isinstance(attachment, dict | list):
            attachments = attachment if isinstance(attachment, list) else [attachment]
            await self._post(recipient_id, {**kwargs, "attachments": attachments})
            return
        url = str(attachment)
        link = {"title": file_name_of(url) or url, "title_link": url, "fallback": url}
        await self._post(recipient_id, {"text": mrkdwn(url), "attachments": [link]})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post a text with buttons: up to 50 as buttons, more as menus; none is dropped."""
        await self._post_with_buttons(recipient_id, text or "", buttons)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post `<title> : <subtitle>` for each element, with its image and its buttons."""
        for element in elements:
            text = f"{element.get('title', '')} : {element.get('subtitle', '')}"
            url = str(element.get("image_url") or "")
            picture = image_block(url, str(element.get("title") or "image")) if url else None
            await self._post_with_buttons(recipient_id, text, element.get("buttons") or [], picture)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Post the JSON as arguments of `chat.postMessage`, with at most 50 blocks per message."""
        if not isinstance(json_message, dict):
            await super().send_custom_json(recipient_id, json_message)
            return
        blocks = json_message.get("blocks")
        if not isinstance(blocks, list) or len(blocks) <= MAX_BLOCKS:
            await self._post(recipient_id, json_message)
            return
        for start in range(0, len(blocks), MAX_BLOCKS):
            piece = {**json_message, "blocks": blocks[start : start + MAX_BLOCKS]}
            await self._post(recipient_id, piece)

    async def _post_with_buttons(
        self,
        recipient_id: str,
        text: str,
        buttons: list[dict[str, Any]],
        picture: dict[str, Any] | None = None,
    ) -> None:
        menus = is_menu(len(buttons)) and not any(button.get("url") for button in buttons)
        made = [self._button(button, number, menus) for number, button in enumerate(buttons, 1)]
        texts = split_text(_with_long_titles(text, buttons, made), MAX_SECTION)
        for part in texts[:-1]:
            await self._post(recipient_id, {"text": mrkdwn(part)})
        shown = texts[-1] if texts else ""
        read_out = mrkdwn(shown) or ", ".join(button.label for button in made)[:MAX_SECTION]
        first, *others = controls(made, menus=menus) or [[]]
        if not shown:
            others = [first, *others] if first else []
        else:
            plain = {"text": read_out, "blocks": [section(shown), *first]}
            message = {**plain, "blocks": [section(shown, picture), *first]}
            await self._post(recipient_id, message, fallback=plain if picture else None)
        for blocks in others:
            await self._post(recipient_id, {"text": read_out, "blocks": blocks})

    def _button(self, button: dict[str, Any], number: int, menus: bool) -> Button:
        title = title_of(button)
        label = label_of(title, number)
        url = str(button.get("url") or "")
        if url and len(url) <= MAX_URL:
            return Button(label, "", url)
        payload = said_by(button, "payload", "url") or title
        limit = MAX_OPTION_VALUE if menus else MAX_VALUE
        return Button(label, shortened(self._memory, payload, title, limit))

    async def _upload(self, recipient_id: str, attachment: dict[str, Any]) -> None:
        name = str(attachment["filename"])
        try:
            content = b64decode(str(attachment["content"]), validate=True)
        except ValueError:
            await self.send_text_message(recipient_id, f"Attachment: {name}")
            return

        async def send() -> str:
            target = {"channel_id": self._conversation(recipient_id)}
            if self.thread_id:
                target["thread_ts"] = self.thread_id
            return self._api.upload(name, content, target)

        await self.deliver(send)

    def _channel(self, recipient_id: str) -> str:
        return self.slack_channel or recipient_id

    def _conversation(self, recipient_id: str) -> str:
        """The id of the conversation: files cannot be posted to a user's id."""
        channel = self._channel(recipient_id)
        if not channel.startswith(("U", "W")):
            return channel
        opened = self._api.call("conversations.open", {"users": channel})
        return str((opened.get("channel") or {}).get("id", channel))

    async def _post(
        self,
        recipient_id: str,
        message: dict[str, Any],
        fallback: dict[str, Any] | None = None,
    ) -> None:
        """Post a message, or `fallback` if Slack rejects its blocks.

        A message that names another channel does not go to the conversation's thread.
        """
        place = {"channel": self._channel(recipient_id)}
        is_elsewhere = message.get("channel", place["channel"]) != place["channel"]
        if self.thread_id and not is_elsewhere:
            place["thread_ts"] = self.thread_id

        async def send() -> str:
            try:
                return self._sent({**place, **message}, is_elsewhere=is_elsewhere)
            except SendError as error:
                if fallback is None or "invalid_blocks" not in str(error):
                    raise
                return self._sent({**place, **fallback})

        await self.deliver(send)

    def _sent(self, message: dict[str, Any], *, is_elsewhere: bool = False) -> str:
        """Post a message with one call; return its id (ts), "" if it has none."""
        is_for_one = self._ephemeral and self._user and not _is_direct(str(message["channel"]))
        try:
            if is_for_one:
                answer = self._api.call("chat.postEphemeral", {**message, "user": self._user})
                return str(answer.get("message_ts", ""))
            return str(self._api.call("chat.postMessage", message).get("ts", ""))
        except RecipientGone as error:
            if is_elsewhere:
                # The bot named another channel: the conversation's own channel is not gone.
                raise SendError(str(error)) from error
            if not self._response_url:
                raise
        body = {key: value for key, value in message.items() if key != "channel"}
        kind = "ephemeral" if self._ephemeral else "in_channel"
        self._api.respond(
            self._response_url, {**body, "response_type": kind, "replace_original": False}
        )
        return ""


def _is_direct(channel: str) -> bool:
    return channel.startswith(("D", "U", "W"))


def _with_long_titles(text: str, buttons: list[dict[str, Any]], made: list[Button]) -> str:
    """The text, followed by the titles that are too long for their buttons."""
    lines = [
        f"{number}. {title_of(button)}"
        for number, (button, shown) in enumerate(zip(buttons, made, strict=True), 1)
        if shown.label != title_of(button)
    ]
    return "\n".join([text, *lines]) if text else "\n".join(lines)
