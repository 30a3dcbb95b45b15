"""Telegram updates: which of them are messages, and what they say (Bot API 10.3).

An update is one event of a bot: an `update_id` and one payload. Messages, their edits and button
presses are read; channel posts, service messages, membership, polls, reactions, inline mode,
payments and unknown kinds are not messages to the bot.
"""

from __future__ import annotations

import json
import logging
import re

from channels.messages.fields import object_of
from channels.messages.mentions import said
from channels.telegram.kinds import NOT_MESSAGES, SERVICE_MESSAGES, not_a_persons
from channels.telemetry.ignored import ignored, not_a_message

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
    kind = next((key for key in update if key != "update_id"), "")
    if update_id is None:
        ignored("telegram", "an update without an id", _ids(None, object_of(update, kind)))
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
    not_a_message("telegram", kind, _ids(update_id, object_of(update, kind)), NOT_MESSAGES)
    return None


def _message(update_id: int, message: dict[str, Any], username: str) -> Update | None:
    chat_id = _id(object_of(message, "chat").get("id"))
    sender, sender_chat = object_of(message, "from"), object_of(message, "sender_chat")
    text = _said(update_id, message, username)
    if text is None or chat_id is None:
        if text is not None:
            ignored("telegram", "a message without a chat", _ids(update_id, message))
        return None
    return Update(
        update_id,
        text,
        chat_id=chat_id,
        user_id=_id(sender_chat.get("id", sender.get("id"))),
        topic=_topic(message),
        metadata=_metadata(message),
    )


def _said(update_id: int, message: dict[str, Any], username: str) -> str | None:
    """What a person wrote to the bot; None for other messages, of which the log tells."""
    ids, written = _ids(update_id, message), _text(message)
    field = next((each for each in message if each in SERVICE_MESSAGES), "")
    if written is None and field:
        not_a_message("telegram", f"message/{field}", ids, NOT_MESSAGES)
        return None
    what = not_a_persons(message) or ("a message without text" if written is None else "")
    if written is None or what:
        ignored("telegram", what, {"from": object_of(message, "from").get("id"), **ids})
        return None
    text = _addressed(written, username)
    if text is None:
        ignored("telegram", "a command to another bot", ids, logging.DEBUG)
    return text


def _ids(update_id: int | None, event: dict[str, Any]) -> dict[str, object]:
    chat = object_of(event, "chat").get("id")
    return {"chat": chat, "message_id": event.get("message_id"), "update_id": update_id}


def _callback_query(update_id: int, query: dict[str, Any]) -> Update | None:
    data, user, message = query.get("data"), object_of(query, "from"), object_of(query, "message")
    user_id = _id(user.get("id"))
    # A button below an inline mode message comes without a chat: reply to the user in private.
    chat_id = _id(object_of(message, "chat").get("id", user_id))
    if not isinstance(data, str) or chat_id is None:
        ids = {"from": user_id, "callback_query_id": query.get("id"), "update_id": update_id}
        ignored("telegram", "a button press without data or a user", ids)
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
