"""Output of the Mattermost channel: one post per message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.errors import RecipientGone, SendError
from channels.mattermost.api import MattermostApi, RootGone
from channels.mattermost.attachments import Actions, choice_of, link, link_lines, picture
from channels.mattermost.signature import ActionSigner
from channels.messages.attachments import rasas_url_of
from channels.messages.text import split_messages, split_text
from channels.output import OutputChannel

if TYPE_CHECKING:
    from typing import Any

#: Longest message of a post (characters; server `model/post.go`).
MAX_POST_SIZE = 16_383


class MattermostBot(OutputChannel):
    """Posts to one channel of a server; takes Rasa's parameters, then ours.

    `bot_channel` is the channel's id; if empty, the recipient's id is used. Clicks are sent to
    `webhook_url`; without it, buttons are lines of text. `post_id` is the post that is replied to,
    in its thread with `use_threads`. A slash command's `response_url` is used if the bot may not
    post; the `trigger_id` of a click or command lets it open a dialog.
    """

    delivers_parts = True

    def __init__(  # noqa: PLR0913 (Rasa's parameters, and ours)
        self,
        url: str,
        token: str,
        bot_channel: str,
        webhook_url: str | None = None,
        *,
        api: MattermostApi | None = None,
        signer: ActionSigner | None = None,
        max_post_size: int = MAX_POST_SIZE,
        use_threads: bool = False,
        post_id: str = "",
        response_url: str = "",
        trigger_id: str = "",
    ) -> None:
        """Use the given `api` and `signer`, or those of `url` and `token`."""
        super().__init__()
        self.url = url
        self.bot_channel = bot_channel
        self.webhook_url = webhook_url or ""
        self._api = api or MattermostApi(url, token)
        self._signer = signer or ActionSigner(token)
        self._max_post_size = max_post_size
        self._thread_of = post_id if use_threads else ""
        self._root: str | None = None
        self._response_url = response_url
        self._trigger_id = trigger_id

    @classmethod
    def name(cls) -> str:
        """`mattermost`, as in Rasa."""
        return "mattermost"

    async def show_typing(self, recipient_id: str) -> None:
        """Show that the bot is typing, in the thread if it replies in one."""
        place = self._place(recipient_id)
        typing = {"channel_id": place["channel_id"]}
        if "root_id" in place:
            typing["parent_id"] = place["root_id"]
        self._api.call("POST", "users/me/typing", typing)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Post a text, one message per paragraph as in Rasa; long paragraphs are split."""
        for part in split_messages(text, self._max_post_size):
            await self._post(recipient_id, {"message": part})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Post an image by its URL, which Mattermost fetches."""
        await self._post_attached(recipient_id, [picture(str(image))])

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Post an attachment.

        A URL, or Rasa's `{"type", "payload": {"src": url}}`, becomes a titled link; any other
        object, or a list of them, counts as Mattermost's own attachments; anything else is text.
        """
        url = rasas_url_of(attachment)
        if url:
            await self._post_attached(recipient_id, [link(url)])
        elif isinstance(attachment, dict | list):
            given = attachment if isinstance(attachment, list) else [attachment]
            signed = [self._actions(self._channel(recipient_id)).signed(each) for each in given]
            await self._post_attached(recipient_id, signed)
        else:
            await super().send_attachment(recipient_id, attachment)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str | None, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post a text with buttons: up to 20 as buttons, more as menus; none are left out."""
        if not self.webhook_url:
            await super().send_text_with_buttons(recipient_id, text, buttons)
            return
        links = link_lines([button for button in buttons if button.get("url")])
        whole = "\n".join(part for part in (text, links) if part)
        *parts, last = split_text(whole, self._max_post_size) or [""]
        for part in parts:
            await self._post(recipient_id, {"message": part})
        await self._post_actions(recipient_id, last, {}, buttons)

    async def send_elements(
        self, recipient_id: str, elements: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Post an attachment per element: its title, subtitle, image and buttons."""
        if not self.webhook_url:
            await super().send_elements(recipient_id, elements)
            return
        for element in elements:
            buttons = element.get("buttons") or []
            links = link_lines([button for button in buttons if button.get("url")])
            title, subtitle = (str(element.get(key) or "") for key in ("title", "subtitle"))
            found = {
                "fallback": title or subtitle,
                "title": title,
                "text": "\n".join(part for part in (subtitle, links) if part),
                "image_url": element.get("image_url"),
                "title_link": (element.get("default_action") or {}).get("url"),
            }
            card = {key: value for key, value in found.items() if value}
            await self._post_actions(recipient_id, "", card, buttons)

    async def send_custom_json(self, recipient_id: str, json_message: Any, **kwargs: Any) -> None:
        """Post the fields of a post unchanged, with Rasa's `channel_id` and `message`.

        Actions that call our webhook are signed. `{"dialog": {...}}` opens a dialog for the user
        who has just clicked or typed a command. Anything but an object is sent as text.
        """
        if not isinstance(json_message, dict):
            await super().send_custom_json(recipient_id, json_message)
        elif isinstance(json_message.get("dialog"), dict):
            await self._open_dialog(recipient_id, json_message)
        else:
            await self._post_custom(recipient_id, json_message)

    async def _post_custom(self, recipient_id: str, post: dict[str, Any]) -> None:
        channel_id = str(post.get("channel_id") or self._channel(recipient_id))
        message = str(post.get("message") or "")
        fields = {**post, "channel_id": channel_id}
        props = post.get("props")
        if isinstance(props, dict) and isinstance(props.get("attachments"), list):
            actions = self._actions(channel_id)
            signed = [actions.signed(each) for each in props["attachments"]]
            fields["props"] = {**props, "attachments": signed}
        *parts, last = split_text(message, self._max_post_size) or [""]
        for part in parts:
            await self._post(recipient_id, {"channel_id": channel_id, "message": part})
        await self._post(recipient_id, {**fields, "message": last})

    async def _open_dialog(self, recipient_id: str, request: dict[str, Any]) -> None:
        """Open a dialog; its submission comes to our webhook with its `state` signed."""
        url = str(request.get("url") or self.webhook_url)
        dialog = dict(request["dialog"])
        trigger_id = str(request.get("trigger_id") or self._trigger_id)
        if url == self.webhook_url:
            callback_id, state = (str(dialog.get(key) or "") for key in ("callback_id", "state"))
            channel_id = self._channel(recipient_id)
            dialog["state"] = self._signer.state(channel_id, callback_id, state, trigger_id)

        async def send() -> None:
            body = {"trigger_id": trigger_id, "url": url, "dialog": dialog}
            self._api.call("POST", "actions/dialogs/open", body)

        await self.deliver(send)

    async def _post_actions(
        self, recipient_id: str, message: str, card: dict[str, Any], buttons: list[dict[str, Any]]
    ) -> None:
        """Post a message and an attachment with buttons, and further posts if needed."""
        choices = [choice_of(button) for button in buttons if not button.get("url")]
        first, *others = self._actions(self._channel(recipient_id)).of(choices) or [[]]
        attachment = {**card, "actions": first} if first else card
        attachments = [attachment] if attachment else []
        if message or attachments:
            await self._post_attached(recipient_id, attachments, message)
        for actions in others:
            await self._post_attached(recipient_id, [{"actions": actions}])

    async def _post_attached(
        self, recipient_id: str, attachments: list[Any], message: str = ""
    ) -> None:
        props = {"props": {"attachments": attachments}} if attachments else {}
        await self._post(recipient_id, {"message": message, **props})

    async def _post(self, recipient_id: str, post: dict[str, Any]) -> None:
        channel_id = self._channel(recipient_id)

        async def send() -> str:
            if post.get("channel_id", channel_id) == channel_id:
                return self._sent({**self._place(recipient_id), **post})
            try:
                return self._created(post)
            except RecipientGone as error:
                # Another channel than the conversation's, so the conversation goes on.
                raise SendError(str(error)) from error

        await self.deliver(send)

    def _sent(self, post: dict[str, Any]) -> str:
        """Post, without the thread or to `response_url` if need be; the post's id, or ""."""
        try:
            return self._created(post)
        except RootGone:
            self._root = ""
            return self._created({key: post[key] for key in post if key != "root_id"})
        except RecipientGone:
            if not self._response_url:
                raise
        attachments = (post.get("props") or {}).get("attachments") or []
        answer = {"text": post["message"], "attachments": attachments}
        self._api.respond(self._response_url, {"response_type": "in_channel", **answer})
        return ""

    def _created(self, post: dict[str, Any]) -> str:
        created = self._api.call("POST", "posts", post)
        return str(created.get("id", "")) if isinstance(created, dict) else ""

    def _place(self, recipient_id: str) -> dict[str, str]:
        """The channel, and the root post of the thread if the reply goes into one."""
        if self._thread_of and self._root is None:
            self._root = self._api.root_of(self._thread_of)
        place = {"channel_id": self._channel(recipient_id)}
        return {**place, "root_id": self._root} if self._root else place

    def _channel(self, recipient_id: str) -> str:
        return self.bot_channel or recipient_id

    def _actions(self, channel_id: str) -> Actions:
        return Actions(self.webhook_url, channel_id, self._signer)
