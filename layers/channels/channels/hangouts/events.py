"""Read Google Chat's events, unifying its two formats.

    classic    {"type": "MESSAGE", "space": {...}, "message": {...}, "common": {...}}
    add-on     {"commonEventObject": {...}, "chat": {"messagePayload": {"space": {...}, ...}}}

https://developers.google.com/workspace/chat/api/reference/rest/v1/Event and
https://developers.google.com/workspace/add-ons/concepts/event-objects#chat-event-object
"""

from __future__ import annotations

import json
import re

from channels.hangouts.clicks import CLICKED, clicked, function_of, parameters_of
from channels.messages.fields import object_of, objects_of, text_of
from channels.messages.mentions import said
from channels.telemetry.ignored import not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MESSAGE = "MESSAGE"
ADDED = "ADDED_TO_SPACE"
REMOVED = "REMOVED_FROM_SPACE"
COMMAND = "APP_COMMAND"

#: An add-on's events, by the key of their payload.
_PAYLOADS = {
    "messagePayload": MESSAGE,
    "buttonClickedPayload": CLICKED,
    "addedToSpacePayload": ADDED,
    "removedFromSpacePayload": REMOVED,
    "appCommandPayload": COMMAND,
}

#: A form submitted from the app's home counts as a click.
_KINDS = {kind: kind for kind in _PAYLOADS.values()} | {"SUBMIT_FORM": CLICKED}

#: Kinds of events that say nothing to the bot; an add-on's by the key of their payload.
NOT_MESSAGES = frozenset(("APP_HOME", "CANCEL_DIALOG", "WIDGET_UPDATED", "widgetUpdatedPayload"))

#: What is beside the payload in an add-on's event.
_BESIDE = ("user", "space", "eventTime")

_SPACE = re.compile(r"spaces/[A-Za-z0-9_-]{1,200}")
_THREAD = re.compile(r"spaces/[A-Za-z0-9_-]{1,200}/threads/[A-Za-z0-9_-]{1,200}")
_MESSAGE = re.compile(r"spaces/[A-Za-z0-9_-]{1,200}/messages/[A-Za-z0-9_.-]{1,200}")
_USER = re.compile(r"users/[A-Za-z0-9_.@-]{1,200}")


class Event:
    """What a user did; names are Google's resource names, "" if unknown.

    `text` is for the agent, "" for `added` and `removed` without a message. `is_direct` marks a
    conversation between one user and the bot, which has no threads. `message_id` is the same for
    redelivered events, None if Google gives no id. `ignored` is the reason why the event is not
    for the agent, "" if it is.
    """

    ignored = ""

    def __init__(self, kind: str, event: dict[str, Any], *, is_add_on: bool) -> None:
        """Read an event in the classic format."""
        message = object_of(event, "message")
        space = object_of(event, "space") or object_of(message, "space")
        thread = object_of(message, "thread") or object_of(event, "thread")
        self.kind = kind
        self.is_add_on = is_add_on
        self.space = _named(space, _SPACE)
        self.is_direct = (
            space.get("spaceType") == "DIRECT_MESSAGE"
            or space.get("type") == "DM"
            or space.get("singleUserBotDm") is True
        )
        self.thread = "" if self.is_direct else _named(thread, _THREAD)
        user = object_of(event, "user") or object_of(message, "sender")
        self.user = _named(user, _USER)
        self.user_name = text_of(user, "displayName")
        self.text = _text(kind, event, message)
        self.message_id = _message_id(self, event, message)
        self.metadata = _metadata(self, event, message, space, user)

    @property
    def is_said(self) -> bool:
        """Whether the user said something: a text, a file, a click, a command."""
        return bool(self.text or self.metadata.get("attachments"))


def read_event(body: Any) -> Event | None:
    """The event in a request's body; None for types that concern nobody, and for other bodies."""
    if not isinstance(body, dict):
        return None
    chat = body.get("chat")
    event = _classic(body, chat) if isinstance(chat, dict) else body
    kind = _KINDS.get(text_of(event, "type"))
    if kind is None or event.get("dialogEventType") == "CANCEL_DIALOG":
        return None
    read = Event(kind, event, is_add_on=isinstance(chat, dict))
    by_bot = object_of(event, "user").get("type") == "BOT"
    if kind == MESSAGE:
        by_bot = by_bot or object_of(object_of(event, "message"), "sender").get("type") == "BOT"
    if by_bot:
        read.ignored = "a bot's message"
    elif not read.space:
        read.ignored = "an event without a space"
    elif not read.is_said and kind not in (ADDED, REMOVED):
        read.ignored = "a message without text"
    return read


def tell_of_unread(body: Any) -> None:
    """Log an event that `read_event` does not read; a body that is no event is none."""
    if not isinstance(body, dict) or not body:
        return
    chat = object_of(body, "chat")
    name = next((key for key in chat if key not in _BESIDE), text_of(body, "type"))
    event = object_of(chat, name) or body
    is_cancelled = event.get("dialogEventType") == "CANCEL_DIALOG"
    ids = {
        "space": _named(object_of(event, "space"), _SPACE),
        "user": _named(object_of(event, "user") or object_of(chat, "user"), _USER),
        "event_time": text_of(event, "eventTime") or text_of(chat, "eventTime"),
    }
    not_a_message("hangouts", "CANCEL_DIALOG" if is_cancelled else name, ids, NOT_MESSAGES)


def _classic(body: dict[str, Any], chat: dict[str, Any]) -> dict[str, Any]:
    """An add-on's event with the classic format's names; empty for unknown types."""
    for name, kind in _PAYLOADS.items():
        payload = chat.get(name)
        if isinstance(payload, dict):
            shared = {key: chat.get(key) for key in ("user", "eventTime")}
            return {**payload, **shared, "type": kind, "common": body.get("commonEventObject")}
    return {}


def _named(resource: dict[str, Any], pattern: re.Pattern[str]) -> str:
    name = text_of(resource, "name")
    return name if pattern.fullmatch(name) else ""


def _text(kind: str, event: dict[str, Any], message: dict[str, Any]) -> str:
    if kind == CLICKED:
        return clicked(event)
    text = _written(message)
    if kind != ADDED:  # being added already says what a mention alone would
        text = said(text, text_of(message, "text"))
    if kind == COMMAND and not text:
        command = _command(event, message)
        return f"/app_command{json.dumps(command)}" if command else ""
    return text


def _written(message: dict[str, Any]) -> str:
    """A message's text, without the bot's mention but with the name of a slash command."""
    text = text_of(message, "text")
    if not message.get("slashCommand") and isinstance(message.get("argumentText"), str):
        text = text_of(message, "argumentText")
    images = (text_of(each, "uri") for each in objects_of(message, "attachedGifs"))
    return text.strip() or "\n".join(filter(None, images))


def _command(event: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """The id of a slash command or quick command, and the type that Google gives it."""
    given = object_of(event, "appCommandMetadata") or object_of(message, "slashCommand")
    command = {
        "id": given.get("appCommandId", given.get("commandId")),
        "type": given.get("appCommandType"),
    }
    return {key: str(each) for key, each in command.items() if isinstance(each, str | int)}


def _message_id(read: Event, event: dict[str, Any], message: dict[str, Any]) -> str | None:
    name = _named(message, _MESSAGE)
    if read.kind == MESSAGE and name:
        return name
    time = text_of(event, "eventTime")
    parts = [name or read.space, read.user, time]
    if not time:
        return None
    return ":".join(
        [part for part in parts if part] + ([] if read.kind == MESSAGE else [read.kind])
    )


def _metadata(
    read: Event,
    event: dict[str, Any],
    message: dict[str, Any],
    space: dict[str, Any],
    user: dict[str, Any],
) -> dict[str, Any]:
    """Rasa's `room`, and what is known besides the text; keys without a value are left out."""
    common = object_of(event, "common")
    action = {"function": function_of(event), "parameters": parameters_of(event)}
    known = {
        "space": read.space,
        "space_type": space.get("spaceType") or space.get("type"),
        "thread": read.thread,
        "user": user,
        "message": _named(message, _MESSAGE),
        "event_time": text_of(event, "eventTime"),
        "locale": text_of(common, "userLocale"),
        "attachments": [_attachment(each) for each in objects_of(message, "attachment")],
        "command": _command(event, message),
        "action": action if read.kind == CLICKED else None,
        "form_inputs": object_of(common, "formInputs"),
    }
    room = None if read.is_direct else text_of(space, "displayName") or None
    return {"room": room} | {key: each for key, each in known.items() if each}


def _attachment(given: dict[str, Any]) -> dict[str, Any]:
    """A file's name and type, and its reference in the Chat or Drive API."""
    parts = {
        "name": given.get("contentName"),
        "content_type": given.get("contentType"),
        "resource_name": object_of(given, "attachmentDataRef").get("resourceName"),
        "drive_file_id": object_of(given, "driveDataRef").get("driveFileId"),
    }
    return {key: each for key, each in parts.items() if isinstance(each, str)}
