"""Messages from Rocket.Chat's two webhooks: outgoing integrations and Omnichannel (livechat).

    {"token": "...", "channel_id": "GENERAL", "message_id": "...", "user_id": "...", "text": "hi"}
    {"_id": "<room>", "type": "Message", "visitor": {...}, "messages": [{"msg": "hi"}]}

Pure; never raises, whatever the JSON contains.
"""

from __future__ import annotations

import hashlib

from channels.messages.fields import object_of, objects_of, text_of
from channels.messages.mentions import said
from channels.rocketchat.files import attachments_of, words_of
from channels.rocketchat.incoming import Incoming
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Precedes a button's payload of the form `/intent`, which Rocket.Chat's clients would otherwise
#: take for a slash command and refuse. The character is invisible, and their trimming keeps it.
NO_COMMAND = "\u200b"

#: The `_id` and user name of the server's own bot, which posts welcomes and reminders.
_SYSTEM_BOT = "rocket.cat"

#: Kinds of events that say nothing to the bot. An outgoing webhook does not name its event, but
#: only messages have a `message_id`. Livechat's events repeat earlier messages.
NOT_MESSAGES = frozenset(
    (
        "LivechatClose",
        "LivechatEdit",
        "LivechatSession",
        "LivechatSessionForwarded",
        "LivechatSessionQueued",
        "LivechatSessionStart",
        "LivechatSessionTaken",
        "message/agentId",
        "message/closingMessage",
        "message/edited",
        "message/navigation",
        "room or user",
    )
)

_IDS = ("user_id", "channel_id", "message_id")

#: Fields that are copied unchanged. A visitor's `token` is not: it gives access to their chat.
_MESSAGE = (
    "channel_id",
    "channel_name",
    "message_id",
    "timestamp",
    "user_id",
    "user_name",
    "alias",
    "tmid",
    "trigger_word",
    "siteUrl",
)
#: Fields of livechat's messages that are an agent's, or that nobody has written.
_NOT_SAID = ("agentId", "closingMessage", "navigation")

_ROOM = ("label", "topic", "tags", "customFields", "departmentId", "agent")
_VISITOR = ("_id", "username", "name", "email", "phone", "department", "customFields")


class WebhookReader:
    """Reads the JSON of both webhooks.

    With `edits`, an edited message counts as a new message. `keep_trigger_word` leaves the trigger
    word in the text, as Rasa does. `server_url` completes the URLs of files.
    """

    def __init__(self, server_url: str, *, edits: bool, keep_trigger_word: bool) -> None:
        self._server_url = server_url
        self._edits = edits
        self._keep_trigger_word = keep_trigger_word

    def incoming(self, body: dict[str, Any], *, livechat: bool) -> list[Incoming]:
        """Return users' messages, without those of bots and agents; none for other events."""
        return self._visitors_messages(body) if livechat else self._users_message(body)

    def _users_message(self, body: dict[str, Any]) -> list[Incoming]:
        is_edited = body.get("isEdited") is True
        ids = {key: text_of(body, key) for key in _IDS}
        if _is_a_bots(body):
            return []
        if is_edited and not self._edits:
            not_a_message("rocketchat", "message/edited", ids, NOT_MESSAGES)
            return []
        upload = object_of(body, "message")
        files = attachments_of(upload, self._server_url)
        trigger_word = "" if self._keep_trigger_word else text_of(body, "trigger_word")
        text = _said(text_of(body, "text"), trigger_word) or words_of(upload, files)
        room, sent_id = text_of(body, "channel_id"), text_of(body, "message_id")
        if not sent_id and not text:
            not_a_message("rocketchat", "room or user", ids, NOT_MESSAGES)
            return []
        if not room or not text:
            what = "a message without text" if room else "a message without a room"
            ignored("rocketchat", what, ids)
            return []
        metadata = _chosen(body, _MESSAGE)
        if files:
            metadata["attachments"] = files
        if is_edited:
            metadata["edited"] = True
        return [
            Incoming(
                text,
                # An edit has the id and time of the original message: only its text differs.
                f"{sent_id}:edited:{_digest(text)}" if sent_id and is_edited else sent_id or None,
                metadata,
                room=room,
                user=text_of(body, "user_id"),
                user_name=text_of(body, "user_name"),
                thread=text_of(body, "tmid") or text_of(upload, "tmid"),
                opens=sent_id,
                trigger_word=trigger_word,
            )
        ]

    def _visitors_messages(self, body: dict[str, Any]) -> list[Incoming]:
        # All other events (a chat starts, is taken, ends, ...) repeat earlier messages.
        room, kind = text_of(body, "_id"), text_of(body, "type")
        if not room or kind not in ("Message", ""):
            visitor_id = text_of(object_of(body, "visitor"), "_id")
            department = text_of(body, "department")
            ids = {"room": room, "visitor": visitor_id, "department": department}
            not_a_message("rocketchat", kind or "Message", ids, NOT_MESSAGES)
            return []
        visitor = object_of(body, "visitor")
        shared = {**_chosen(body, _ROOM), "visitor": _chosen(visitor, _VISITOR)}
        messages = enumerate(objects_of(body, "messages"))
        found = (self._visitors_message(room, number, each, shared) for number, each in messages)
        return [incoming for incoming in found if incoming is not None]

    def _visitors_message(
        self, room: str, number: int, message: dict[str, Any], shared: dict[str, Any]
    ) -> Incoming | None:
        edited = text_of(message, "editedAt")
        ids = {"room": room, "message_id": text_of(message, "_id")}
        field = next((each for each in _NOT_SAID if message.get(each)), "")
        if field or (edited and not self._edits):
            kind = f"message/{field or 'edited'}"
            not_a_message("rocketchat", kind, ids, NOT_MESSAGES)
            return None
        if text_of(message, "username") == _SYSTEM_BOT:
            ignored("rocketchat", "a message from Rocket.Chat itself", ids)
            return None
        files = attachments_of(message, self._server_url)
        text = _said(text_of(message, "msg"), "") or words_of(message, files)
        if not text:
            ignored("rocketchat", "a message without text", ids)
            return None
        sent_id, sent_at = text_of(message, "_id"), text_of(message, "ts")
        if not sent_id and sent_at:
            sent_id = f"{room}:{sent_at}:{number}"
        metadata = {**shared, "message_id": sent_id, **_chosen(message, ("ts", "editedAt"))}
        if files:
            metadata["attachments"] = files
        user_name = text_of(message, "username")
        return Incoming(
            text,
            f"{sent_id}:edited:{edited}" if sent_id and edited else sent_id or None,
            metadata,
            room=room,
            user=text_of(shared["visitor"], "_id") or user_name,
            user_name=user_name,
            livechat=True,
        )


def _is_a_bots(body: dict[str, Any]) -> bool:
    """Whether an integration or the server's own bot wrote the message; if so, log it."""
    user_id = text_of(body, "user_id")
    is_systems = _SYSTEM_BOT in (user_id, text_of(body, "user_name"))
    if not is_systems and not body.get("bot"):
        return False
    what = "a message from Rocket.Chat itself" if is_systems else "an integration's message"
    ignored("rocketchat", what, {key: text_of(body, key) for key in _IDS})
    return True


def _chosen(document: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """The fields with these names that are not empty, unchanged."""
    return {key: document[key] for key in keys if document.get(key) not in (None, "", [], {})}


def _said(text: str, trigger_word: str) -> str:
    """The text without a leading trigger word and without a button's invisible mark."""
    words = text.strip()
    if trigger_word and words.startswith(trigger_word):
        rest = words[len(trigger_word) :]
        # `!bother` begins with `!bot` too; and a bare `!bot` stays, as the whole text.
        if rest and not rest[0].isalnum():
            words = said(rest.lstrip(" ,:\n\t"), words)
    return words.removeprefix(NO_COMMAND)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
