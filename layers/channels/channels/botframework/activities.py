"""Read activities: which of them are messages from a user, and their text.

Messages, clicks on cards and, if configured, edits and newcomers are read. Reactions, deletions,
typing, events, the end of a conversation and unknown types are not messages to the bot.
Source: github.com/microsoft/botframework-sdk, "Bot Framework -- Activity".
"""

from __future__ import annotations

import logging
import re

from channels.botframework.submits import executed_text, submitted_text
from channels.messages.fields import object_of, objects_of, text_of
from channels.messages.mentions import said
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEAMS = "msteams"

#: The invoke of an Adaptive Card's `Action.Execute`.
CARD_ACTION = "adaptiveCard/action"

#: Types of activities that say nothing to the bot; a card that refreshes itself is an invoke.
NOT_MESSAGES = frozenset(
    (
        CARD_ACTION,
        "contactRelationUpdate",
        "conversationUpdate",
        "endOfConversation",
        "event",
        "installationUpdate",
        "messageDelete",
        "messageReaction",
        "messageUpdate",
        "trace",
        "typing",
    )
)

#: Fields of an activity that are passed on unchanged; Rasa passes on `attachments`.
_METADATA = (
    "attachments",
    "id",
    "type",
    "timestamp",
    "localTimestamp",
    "channelId",
    "from",
    "conversation",
    "locale",
    "entities",
    "value",
    "replyToId",
    "membersAdded",
    "channelData",
)

_CONVERSATION = ("id", "name", "conversationType", "tenantId", "isGroup")
_ACCOUNT = ("id", "name", "aadObjectId")

#: Teams' content type for a file that a user uploaded; the URL in it is valid for minutes.
_TEAMS_FILE = "application/vnd.microsoft.teams.file.download.info"


class Incoming:
    """A message from a user: its text and its conversation.

    `reference` is Microsoft's conversation reference, which routes a reply now or later.
    `message_id` is None if the activity has no id.
    """

    def __init__(
        self,
        text: str,
        message_id: str | None,
        reference: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        self.text = text
        self.message_id = message_id
        self.reference = reference
        self.metadata = metadata

    @property
    def user_id(self) -> str:
        """The user's id on the channel."""
        return str(self.reference["user"]["id"])

    @property
    def conversation_id(self) -> str:
        """The conversation's id; for a thread in a Teams channel, the thread's own id."""
        return str(self.reference["conversation"]["id"])


def read_activity(
    activity: dict[str, Any], *, edited: bool = False, welcome: str = ""
) -> Incoming | None:
    """Read an activity; None if it is not a message to the bot.

    `edited` accepts edits; `welcome` is the text that represents a newcomer, "" to ignore
    newcomers. Pure, and never raises, whatever the activity's shape.
    """
    user = object_of(activity, "from")
    kind = text_of(activity, "type")
    text: str | None = None
    if kind == "message" or (kind == "messageUpdate" and edited and _is_edit(activity)):
        if _is_a_bots(activity):
            return None
        text = _text(activity)
    elif kind == "invoke" and text_of(activity, "name") == CARD_ACTION:
        text = executed_text(object_of(activity, "value"))
    elif kind in ("conversationUpdate", "installationUpdate") and welcome:
        user = _newcomer(activity)
        text = welcome
    reference = _reference(activity, user)
    if text is None or (reference is None and kind in NOT_MESSAGES):
        is_refreshed = text_of(activity, "name") == CARD_ACTION
        kind = CARD_ACTION if is_refreshed else kind
        not_a_message("botframework", kind, _ids(activity), NOT_MESSAGES)
        return None
    if reference is None:
        ignored("botframework", "a message that has no place to reply to", _ids(activity))
        return None
    return Incoming(text, _message_id(activity), reference, _metadata(activity))


def _is_a_bots(activity: dict[str, Any]) -> bool:
    """Whether a bot, this one or another, wrote the message; logs it if so."""
    sender, bot = object_of(activity, "from"), object_of(activity, "recipient")
    is_own = sender.get("id") == bot.get("id", "")
    if not is_own and text_of(sender, "role") != "bot":
        return False
    what, level = "another bot's message", logging.INFO
    if is_own:
        what, level = "the bot's own message", logging.DEBUG
    ignored("botframework", what, _ids(activity), level)
    return True


def _ids(activity: dict[str, Any]) -> dict[str, str]:
    return {
        "from": text_of(object_of(activity, "from"), "id"),
        "conversation": text_of(object_of(activity, "conversation"), "id"),
        "id": text_of(activity, "id"),
    }


def _is_edit(activity: dict[str, Any]) -> bool:
    """Whether an update is an edit: Teams also uses the type for restored messages."""
    return text_of(object_of(activity, "channelData"), "eventType") in ("", "editMessage")


def _newcomer(activity: dict[str, Any]) -> dict[str, Any]:
    """The user to welcome; an empty object if there is none.

    In a personal Teams chat that is the user who installed the bot, everywhere else the first new
    member that is not the bot. (Teams sends both activities to a personal chat.)
    """
    conversation = object_of(activity, "conversation")
    is_personal = text_of(activity, "channelId") == TEAMS and (
        text_of(conversation, "conversationType") == "personal"
    )
    if text_of(activity, "type") == "installationUpdate":
        is_added = is_personal and text_of(activity, "action") == "add"
        return object_of(activity, "from") if is_added else {}
    bot = text_of(object_of(activity, "recipient"), "id")
    members = [] if is_personal else objects_of(activity, "membersAdded")
    return next((each for each in members if text_of(each, "id") not in ("", bot)), {})


def _text(activity: dict[str, Any]) -> str:
    """A message's text without the bot's mention, a click's payload, or else its files' URLs."""
    value = activity.get("value")
    text = submitted_text(value, _without_mention(activity)) or "\n".join(_urls(activity))
    text = said(text, _plain(text_of(activity, "text")))
    # A `value` without text comes only from a button without data; nothing identifies the button.
    return text or ("Action.Submit" if isinstance(value, dict) else "")


def _without_mention(activity: dict[str, Any]) -> str:
    """The text without mentions of the bot; mentions of others are kept as part of the message."""
    text = text_of(activity, "text")
    bot = text_of(object_of(activity, "recipient"), "id")
    for entity in objects_of(activity, "entities"):
        mentioned = object_of(entity, "mentioned")
        if text_of(entity, "type") == "mention" and bot and mentioned.get("id") == bot:
            mention = text_of(entity, "text") or f"<at>{text_of(mentioned, 'name')}</at>"
            pieces = re.split(re.escape(mention), text, flags=re.IGNORECASE)
            text = " ".join(_plain(piece).strip() for piece in pieces)
    return text.strip()


def _plain(text: str) -> str:
    """The text with the `&nbsp;` that Teams puts next to a mention replaced by a space."""
    return text.replace("&nbsp;", " ")


def _urls(activity: dict[str, Any]) -> list[str]:
    """The URLs of a message's files; skips the HTML attachment in which Teams repeats the text."""
    urls = []
    for attachment in objects_of(activity, "attachments"):
        is_teams_file = text_of(attachment, "contentType") == _TEAMS_FILE
        url = (
            text_of(object_of(attachment, "content"), "downloadUrl")
            if is_teams_file
            else text_of(attachment, "contentUrl")
        )
        if url.startswith(("http://", "https://")):
            urls.append(url)
    return urls


def _reference(activity: dict[str, Any], user: dict[str, Any]) -> dict[str, Any] | None:
    """The conversation reference; None if it is too incomplete to route a reply."""
    found = {
        "serviceUrl": text_of(activity, "serviceUrl"),
        "channelId": text_of(activity, "channelId"),
        "activityId": text_of(activity, "id"),
        "locale": text_of(activity, "locale"),
        "conversation": _fields(object_of(activity, "conversation"), _CONVERSATION),
        "user": _fields(user, _ACCOUNT),
        "bot": _fields(object_of(activity, "recipient"), _ACCOUNT),
    }
    is_complete = (
        found["serviceUrl"]
        and text_of(object_of(found, "conversation"), "id")
        and text_of(object_of(found, "user"), "id")
    )
    return {key: value for key, value in found.items() if value} if is_complete else None


def _fields(document: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: document[key] for key in keys if isinstance(document.get(key), str | bool)}


def _message_id(activity: dict[str, Any]) -> str | None:
    """Channel, conversation and activity: activity ids are unique only within a conversation."""
    parts = [
        text_of(activity, "channelId"),
        text_of(object_of(activity, "conversation"), "id"),
        text_of(activity, "id"),
    ]
    if text_of(activity, "type") == "messageUpdate":
        parts.append(text_of(activity, "timestamp"))  # an edit has the id of the edited message
    return ":".join(parts) if all(parts) else None


def _metadata(activity: dict[str, Any]) -> dict[str, Any]:
    return {key: activity[key] for key in _METADATA if key in activity}
