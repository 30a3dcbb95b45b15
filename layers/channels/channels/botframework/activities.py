"""Activities: which of them are messages of a user, and what they say.

Messages, clicks on cards and, where wanted, edits and newcomers are read. Reactions, deletions,
typing, events, the end of a conversation and kinds to come are no messages to the bot.
Source: github.com/microsoft/botframework-sdk, "Bot Framework -- Activity".
"""

from __future__ import annotations

import logging
import re

from channels.botframework.submits import executed_text, submitted_text
from channels.messages.fields import object_of, objects_of, text_of
from channels.messages.mentions import said
from channels.telemetry.ignored import ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEAMS = "msteams"

#: The invoke of an Adaptive Card's `Action.Execute`.
CARD_ACTION = "adaptiveCard/action"

#: Fields of an activity that are handed on as they are; Rasa hands on `attachments`.
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

#: What Teams calls a file that its user uploaded; the URL in it works for minutes.
_TEAMS_FILE = "application/vnd.microsoft.teams.file.download.info"


class Incoming:
    """A message of a user: what it says and where.

    `reference` is Microsoft's conversation reference: what an answer needs to find its way, now or
    later. `message_id` is None where the activity has no id.
    """

    def __init__(
        self,
        text: str,
        message_id: str | None,
        reference: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        """Take the parts."""
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
        """The conversation's id; that of a thread in a Teams channel is the thread's own."""
        return str(self.reference["conversation"]["id"])


def read_activity(
    activity: dict[str, Any], *, edited: bool = False, welcome: str = ""
) -> Incoming | None:
    """What an activity says; None when it is no message to the bot.

    `edited` lets edits in; `welcome` is the text that stands for a newcomer, "" for none. Pure, and
    never raises, whatever the activity looks like.
    """
    user = object_of(activity, "from")
    kind = text_of(activity, "type")
    text: str | None = None
    if kind == "message" or (kind == "messageUpdate" and edited and _is_edit(activity)):
        text = None if _is_a_bots(activity) else _text(activity)
    elif kind == "invoke" and text_of(activity, "name") == CARD_ACTION:
        text = executed_text(object_of(activity, "value"))
    elif kind in ("conversationUpdate", "installationUpdate") and welcome:
        user = _newcomer(activity)
        text = welcome
    reference = _reference(activity, user)
    if text is None or reference is None:
        return None
    return Incoming(text, _message_id(activity), reference, _metadata(activity))


def _is_a_bots(activity: dict[str, Any]) -> bool:
    """Whether a bot wrote a message, this one or another; the log says so."""
    sender, bot = object_of(activity, "from"), object_of(activity, "recipient")
    sender_id, is_own = text_of(sender, "id"), sender.get("id") == bot.get("id", "")
    if not is_own and text_of(sender, "role") != "bot":
        return False
    what, level = "another bot's message", logging.INFO
    if is_own:
        what, level = "the bot's own message", logging.DEBUG
    conversation = text_of(object_of(activity, "conversation"), "id")
    ids = {"from": sender_id, "conversation": conversation, "id": text_of(activity, "id")}
    ignored("botframework", what, ids, level)
    return True


def _is_edit(activity: dict[str, Any]) -> bool:
    """Teams tells restored messages (`undeleteMessage`) by the same type."""
    return text_of(object_of(activity, "channelData"), "eventType") in ("", "editMessage")


def _newcomer(activity: dict[str, Any]) -> dict[str, Any]:
    """The user to be welcomed, an empty object for nobody.

    In a personal chat of Teams that is who installed the bot, everywhere else the first new member
    that is not the bot. (Teams sends both kinds to a personal chat.)
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
    """A message's text without the bot's mention, a click's payload, else the URLs of its files."""
    value = activity.get("value")
    text = submitted_text(value, _without_mention(activity)) or "\n".join(_urls(activity))
    text = said(text, _plain(text_of(activity, "text")))
    # Only a button without data leaves a `value` and no words; nothing tells which button it was.
    return text or ("Action.Submit" if isinstance(value, dict) else "")


def _without_mention(activity: dict[str, Any]) -> str:
    """The text without mentions of the bot itself; those of others are part of what is said."""
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
    """A text with the white space that Teams puts beside a mention as what it is."""
    return text.replace("&nbsp;", " ")


def _urls(activity: dict[str, Any]) -> list[str]:
    """URLs of a message's files; Teams adds the text itself as an attachment of HTML."""
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
    """The conversation reference, None when an answer would not find its way."""
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
    """Channel, conversation and activity: activities have ids of their conversation only."""
    parts = [
        text_of(activity, "channelId"),
        text_of(object_of(activity, "conversation"), "id"),
        text_of(activity, "id"),
    ]
    if text_of(activity, "type") == "messageUpdate":
        parts.append(text_of(activity, "timestamp"))  # an edit has the id of what it edits
    return ":".join(parts) if all(parts) else None


def _metadata(activity: dict[str, Any]) -> dict[str, Any]:
    return {key: activity[key] for key in _METADATA if key in activity}
