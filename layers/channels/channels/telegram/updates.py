"""Telegram updates: which of them are messages, and what they say (Bot API 10.3).

An update is one event of a bot: an `update_id` and one payload. Messages, their edits and button
presses are read; channel posts, service messages, membership, polls, reactions, inline mode,
payments and unknown kinds are not messages to the bot.
"""

from __future__ import annotations

import json
import re

from channels.messages.fields import object_of
from channels.messages.mentions import said
from channels.telemetry.ignored import ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Kinds of media in a message. The first one present counts, since an animation is sent as a
#: document too.
MEDIA = ("photo", "voice", "audio", "video", "video_note", "animation", "sticker", "document")

_FILE_FIELDS = (
    "file_id",
    "file_unique_id",
    "file_name",
    "mime_type",
    "file_size",
    "duration",
    "width",
    "height",
)

#: Fields of a message that are copied to the metadata unchanged.
_METADATA = (
    "message_id",
    "message_thread_id",
    "date",
    "edit_date",
    "from",
    "sender_chat",
    "chat",
    "media_group_id",
    "entities",
    "caption_entities",
    "contact",
    "location",
    "venue",
    "quote",
    "rich_message",
)

_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?!\S)")

#: Telegram's own user, which forwards a channel's posts to its discussion group.
_SERVICE = 777000

#: Telegram's own bots that people appear as: GroupAnonymousBot, an administrator writing as the
#: group, and Channel_Bot, a user writing as a channel (core.telegram.org/bots/api#message, `from`).
_PEOPLE = (1087968824, 136817688)

#: A forum's topic for messages without a topic. Telegram accepts no messages under this id.
_GENERAL_TOPIC = 1


class Update:
    """A user's message: its text, and where it was written.

    `topic` is the id of a forum topic, None outside one. `button` is the title of the pressed
    button, None for messages.
    """

    def __init__(
        self,
        update_id: int,
        text: str,
        *,
        chat_id: int,
        user_id: int | None,
        topic: int | None,
        metadata: dict[str, Any],
        button: str | None = None,
    ) -> None:
        self.update_id = update_id
        self.text = text
        self.chat_id = chat_id
        self.user_id = user_id
        self.topic = topic
        self.metadata = metadata
        self.button = button

    @property
    def reply_to(self) -> dict[str, Any]:
        """Where to reply: `chat_id`, within a topic `message_thread_id`, and `button`."""
        found = {
            "chat_id": self.chat_id,
            "message_thread_id": None if self.topic == _GENERAL_TOPIC else self.topic,
            "button": self.button,
        }
        return {key: value for key, value in found.items() if value is not None}


def read_update(update: dict[str, Any], username: str, *, edited: bool = True) -> Update | None:
    """Read an update; return None if it is not a message to the bot.

    `username` is the bot's own, "" if unknown; `edited` admits edits. Pure; never raises, whatever
    the update contains.
    """
    update_id = _id(update.get("update_id"))
    if update_id is None:
        return None
    if "callback_query" in update:
        return _callback_query(update_id, object_of(update, "callback_query"))
    if "message" in update:
        return _message(update_id, object_of(update, "message"), username)
    if edited and "edited_message" in update:
        message = object_of(update, "edited_message")
        # Edits without text are a moving live location, a new preview, a new file.
        words = message.get("text", message.get("caption"))
        if isinstance(words, str) or "rich_message" in message:
            return _message(update_id, message, username)
    return None


def _message(update_id: int, message: dict[str, Any], username: str) -> Update | None:
    chat_id = _id(object_of(message, "chat").get("id"))
    sender, sender_chat = object_of(message, "from"), object_of(message, "sender_chat")
    written = _text(message)
    text = None if written is None else _addressed(written, username)
    if text is None or chat_id is None or not _is_a_persons(message, update_id):
        return None
    return Update(
        update_id,
        text,
        chat_id=chat_id,
        user_id=_id(sender_chat.get("id", sender.get("id"))),
        topic=_topic(message),
        metadata=_metadata(message),
    )


def _is_a_persons(message: dict[str, Any], update_id: int) -> bool:
    """Whether a person wrote the message; if not, log who did.

    A channel's post that Telegram forwards to the discussion group is meant for the channel's
    readers; their comments on it are messages like any other.
    """
    sender = object_of(message, "from")
    sender_id, what = sender.get("id"), ""
    if message.get("is_automatic_forward") is True or sender_id == _SERVICE:
        what = "a channel's post in its discussion group"
    elif (
        sender.get("is_bot") and not object_of(message, "sender_chat") and sender_id not in _PEOPLE
    ):
        what = "another bot's message"
    if what:
        chat = object_of(message, "chat").get("id")
        ids = {"chat": chat, "message_id": message.get("message_id"), "update_id": update_id}
        ignored("telegram", what, {"from": sender_id, **ids})
    return not what


def _callback_query(update_id: int, query: dict[str, Any]) -> Update | None:
    data, user, message = query.get("data"), object_of(query, "from"), object_of(query, "message")
    user_id = _id(user.get("id"))
    # A button below an inline mode message comes without a chat: reply to the user in private.
    chat_id = _id(object_of(message, "chat").get("id", user_id))
    if not isinstance(data, str) or chat_id is None:
        return None
    metadata = {**_metadata(message), "from": user, "callback_query_id": query.get("id")}
    title = _pressed(message, data)
    if title:
        metadata["button"] = title
    return Update(
        update_id,
        data,
        chat_id=chat_id,
        user_id=user_id,
        topic=_topic(message),
        metadata=metadata,
        button=title or "",
    )


def _pressed(message: dict[str, Any], data: str) -> str | None:
    """The title of the button with this data."""
    rows = object_of(message, "reply_markup").get("inline_keyboard")
    for row in rows if isinstance(rows, list) else ():
        for button in row if isinstance(row, list) else ():
            if isinstance(button, dict) and button.get("callback_data") == data:
                title = button.get("text")
                return title if isinstance(title, str) else None
    return None


def _text(message: dict[str, Any]) -> str | None:
    """A message's text: as written, a location or contact as JSON, or a caption; else None."""
    rich, text = _rich_text(message), message.get("text")
    if rich:
        return rich
    if isinstance(text, str):
        return text
    location, contact = object_of(message, "location"), object_of(message, "contact")
    if location:
        lng, lat = location.get("longitude"), location.get("latitude")
        return f'{{"lng":{json.dumps(lng)}, "lat":{json.dumps(lat)}}}'
    if contact:
        return json.dumps(contact, ensure_ascii=False)
    if attachments := _attachments(message):
        caption = message.get("caption", attachments[0].get("emoji"))
        return caption if isinstance(caption, str) else ""
    return None


def _rich_text(message: dict[str, Any]) -> str:
    """The text of a message's blocks, "" if it has none. A `text` beside them is a substitute."""
    rich = object_of(message, "rich_message")
    if not rich:
        return ""
    from channels.telegram.rich_messages import text_of_rich_message

    return text_of_rich_message(rich)


def _addressed(text: str, username: str) -> str | None:
    """Remove the bot's address from a text; return None for a command to another bot.

    `/ask@my_bot now` becomes `/ask now`. `/bot hello` and `@my_bot hello`, which reach a bot in a
    group, become `hello`; alone, `/bot` and `@my_bot` stay. (Rasa removes `/bot` anywhere in the
    text and keeps the others.)
    """
    command = _COMMAND.match(text)
    if command:
        name, bot = command.groups()
        if bot and username and bot.lower() != username.lower():
            return None
        rest = text[command.end() :]
        return said(rest.lstrip(), "/bot") if name == "bot" else f"/{name}{rest}"
    if username and text[: len(username) + 1].lower() == f"@{username.lower()}":
        rest = text[len(username) + 1 :]
        if not rest[:1].isalnum() and rest[:1] != "_":
            return said(rest.lstrip(" ,:\n\t"), text)
    return text


def _topic(message: dict[str, Any]) -> int | None:
    return _id(message.get("message_thread_id")) if message.get("is_topic_message") else None


def _metadata(message: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: message[key] for key in _METADATA if key in message}
    reply = object_of(message, "reply_to_message")
    if reply:
        metadata["reply_to_message_id"] = reply.get("message_id")
    attachments = _attachments(message)
    return {**metadata, "attachments": attachments} if attachments else metadata


def _attachments(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A list of the message's file; a rich message may have several."""
    rich = object_of(message, "rich_message")
    if rich:
        from channels.telegram.rich_messages import media_of_rich_message

        return [found for kind, file in media_of_rich_message(rich) for found in _file(kind, file)]
    return next((found for kind in MEDIA if (found := _file(kind, message.get(kind)))), [])


def _file(kind: str, file: Any) -> list[dict[str, Any]]:
    """The file as an attachment in a list, which is empty if `file` is not one."""
    if kind == "photo" and isinstance(file, list) and file:
        file = file[-1]  # the sizes of one photo, the largest last
    if not isinstance(file, dict):
        return []
    fields = (*_FILE_FIELDS, "emoji") if kind == "sticker" else _FILE_FIELDS
    return [{"type": kind, **{key: file[key] for key in fields if key in file}}]


def _id(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
