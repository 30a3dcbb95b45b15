"""The bodies of Webex's webhooks: which of them announce a message to the bot.

A body only has the ids of a room, a person and a message; its contents are fetched later.
"""

from __future__ import annotations

import logging

from channels.messages.fields import object_of, text_of
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Resources whose `created` events are messages: texts that users write, cards that they submit.
MESSAGES = "messages"
CARD_SUBMITS = "attachmentActions"

#: Resources and events that say nothing to the bot (developer.webex.com, "Webhooks").
NOT_MESSAGES = frozenset(
    (
        "memberships/created",
        "memberships/deleted",
        "memberships/updated",
        "messages/deleted",
        "messages/updated",
        "rooms/created",
        "rooms/migrated",
        "rooms/updated",
    )
)

#: Domains of bots' e-mail addresses; people never have them.
_BOTS = ("@webex.bot", "@sparkbot.io")

#: Fields of a hook's `data` that are copied to the metadata.
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
    """A message or a submitted card, read from a hook's `data`: Webex's ids, and where to reply.

    `message_id` is the message that the user wrote, or whose card was submitted. `parent_id` is the
    root of its thread, "" if the hook names none.
    """

    def __init__(self, resource: str, data: dict[str, Any]) -> None:
        self.id = text_of(data, "id")
        self.room_id = text_of(data, "roomId")
        self.person_id = text_of(data, "personId")
        self.message_id = text_of(data, "messageId" if resource == CARD_SUBMITS else "id")
        self.parent_id = text_of(data, "parentId")
        named = {key: data[key] for key in _METADATA if key in data}
        self.metadata: dict[str, Any] = {"resource": resource, **named}

    @property
    def reply_to(self) -> dict[str, Any]:
        """Where to reply: `roomId`, `messageId` and, if known, the thread's root (`parentId`)."""
        found = {
            "roomId": self.room_id,
            "messageId": self.message_id,
            "parentId": self.parent_id,
        }
        return {key: value for key, value in found.items() if value}


def read_hook(body: object) -> Event | None:
    """Read the event in a hook's body; return None for other events and for bots' messages.

    Pure; never raises. Other bots are ignored too: two bots replying to each other never stop.
    """
    if not isinstance(body, dict):
        return None
    resource, data = text_of(body, "resource"), object_of(body, "data")
    event = Event(resource, data)
    ids = {"personId": event.person_id, "roomId": event.room_id, "id": event.id}
    if resource not in (MESSAGES, CARD_SUBMITS) or body.get("event") != "created":
        kind = f"{resource}/{text_of(body, 'event')}"
        not_a_message("webexteams", kind, ids, NOT_MESSAGES)
        return None
    if text_of(data, "personEmail").lower().endswith(_BOTS):
        # A bot's webhooks are usually created with its own token.
        is_own = bool(event.person_id) and event.person_id == body.get("createdBy")
        what, level = "a bot's message", logging.INFO
        if is_own:
            what, level = "the bot's own message", logging.DEBUG
        ignored("webexteams", what, ids, level)
        return None
    if not (event.id and event.room_id and event.person_id):
        ignored("webexteams", "an event without an id, a room or a person", ids)
        return None
    return event
