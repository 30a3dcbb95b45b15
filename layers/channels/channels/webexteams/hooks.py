"""The bodies of Webex's webhooks: which of them tell of a message to the bot, and of which one.

A body is a pointer: ids of a room, a person and a message. What was said is fetched later.
"""

from __future__ import annotations

import logging

from channels.messages.fields import text_of
from channels.telemetry.ignored import ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Resources whose `created` events are messages: what users write, and cards they submit.
MESSAGES = "messages"
CARD_SUBMITS = "attachmentActions"

#: What the addresses of bots end in; people have none of these.
_BOTS = ("@webex.bot", "@sparkbot.io")

#: What is handed on of a hook's `data`.
_METADATA = (
    "id",
    "type",
    "roomId",
    "roomType",
    "personId",
    "personEmail",
    "parentId",
    "messageId",
    "mentionedPeople",
    "mentionedGroups",
    "created",
)


class Event:
    """A message or a submitted card: Webex's ids, and where an answer belongs.

    `message_id` is the message that the user wrote, or whose card was submitted; `parent_id` the
    root of its thread, "" where the hook names none.
    """

    def __init__(self, resource: str, data: dict[str, Any]) -> None:
        """Read the `data` of a hook."""
        self.id = text_of(data, "id")
        self.room_id = text_of(data, "roomId")
        self.person_id = text_of(data, "personId")
        self.message_id = text_of(data, "messageId" if resource == CARD_SUBMITS else "id")
        self.parent_id = text_of(data, "parentId")
        named = {key: data[key] for key in _METADATA if key in data}
        self.metadata: dict[str, Any] = {"resource": resource, **named}

    @property
    def reply_to(self) -> dict[str, Any]:
        """Where an answer goes: `roomId`, and the message it answers or its thread's root."""
        found = {
            "roomId": self.room_id,
            "messageId": self.message_id,
            "parentId": self.parent_id,
        }
        return {key: value for key, value in found.items() if value}


def read_hook(body: object) -> Event | None:
    """The event of a hook's body; None for other resources, for bots', and for what is none.

    Pure, and never raises. Other bots are not heard either: two that answer each other never stop.
    """
    if not isinstance(body, dict) or body.get("event") != "created":
        return None
    resource, data = body.get("resource"), body.get("data")
    if resource not in (MESSAGES, CARD_SUBMITS) or not isinstance(data, dict):
        return None
    event = Event(resource, data)
    if text_of(data, "personEmail").lower().endswith(_BOTS):
        # A bot's webhooks are mostly made with its own token.
        is_own = bool(event.person_id) and event.person_id == body.get("createdBy")
        level = logging.DEBUG if is_own else logging.INFO
        ids = {"personId": event.person_id, "roomId": event.room_id, "id": event.id}
        ignored("webexteams", "a bot's message", ids, level)
        return None
    return event if event.id and event.room_id and event.person_id else None
