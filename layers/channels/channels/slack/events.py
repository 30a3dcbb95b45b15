"""Messages of Slack's Events API: which are for the bot, and what they say."""

from __future__ import annotations

import logging

from channels.messages.fields import object_of, objects_of, text_of, texts_of
from channels.messages.mentions import said
from channels.slack.incoming import Incoming, joined_id
from channels.slack.text import plain_text
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

logger = logging.getLogger(__name__)

#: Subtypes of messages that people write; "" is a plain message.
_WRITTEN = ("", "file_share", "thread_broadcast", "me_message")

#: Types of requests and events, and subtypes of messages, that say nothing to the bot
#: (docs.slack.dev/reference/events).
NOT_MESSAGES = frozenset(
    [
        "app_context_changed",
        "app_home_opened",
        "app_rate_limited",
        "app_uninstalled",
        "agent_session_stopped",
        "agent_session_title_changed",
        "assistant_thread_context_changed",
        "assistant_thread_started",
        "block_suggestion",
        "channel_archive",
        "channel_created",
        "channel_deleted",
        "channel_left",
        "channel_rename",
        "channel_unarchive",
        "dialog_cancellation",
        "dialog_suggestion",
        "emoji_changed",
        "file_change",
        "file_created",
        "file_deleted",
        "file_public",
        "file_shared",
        "file_unshared",
        "group_left",
        "group_rename",
        "link_shared",
        "member_joined_channel",
        "member_left_channel",
        "pin_added",
        "pin_removed",
        "reaction_added",
        "reaction_removed",
        "team_join",
        "tokens_revoked",
        "user_change",
        "view_closed",
        *(
            f"message/{subtype}"
            for subtype in (
                "assistant_app_thread",
                "bot_add",
                "bot_remove",
                "channel_archive",
                "channel_convert_to_private",
                "channel_join",
                "channel_leave",
                "channel_name",
                "channel_posting_permissions",
                "channel_purpose",
                "channel_topic",
                "channel_unarchive",
                "group_archive",
                "group_join",
                "group_leave",
                "group_name",
                "group_purpose",
                "group_topic",
                "group_unarchive",
                "huddle_thread",
                "message_changed",
                "message_deleted",
                "message_replied",
                "pinned_item",
                "reminder_add",
                "tombstone",
                "unpinned_item",
            )
        ),
    ]
)

#: Slack's own users, which write without a `bot_id`, like people: Slackbot (`users.info` does not
#: call it a bot either; docs.slack.dev, "User object") and the one that speaks for the platform.
_SYSTEM_USERS = ("USLACKBOT", "USLACK")

#: What an app's post has besides its `app_id`, also one that it makes in a person's name. Not every
#: post has all of them.
_POSTED_BY_APPS = ("bot_id", "bot_profile")


class EventFilter:
    """Decides which messages are for the bot.

    As in Rasa: direct messages, mentions, and everything in `slack_channel`. With `edits`, a
    message that its author edits counts as a new message.
    """

    def __init__(self, slack_channel: str | None, *, edits: bool = False) -> None:
        self._slack_channel = slack_channel
        self._edits = edits

    def incoming(self, body: dict[str, Any]) -> list[Incoming]:
        """Return the message in a request's JSON; none if it is for others or the bot's own.

        Slack sends two events for one mention, `message` and `app_mention`, and both get one id:
        team, channel and ts. Assign the id only after this filter: otherwise the event that is not
        for the bot would count as the first delivery of the one that is.
        """
        kind, event = text_of(body, "type"), object_of(body, "event")
        if kind == "app_rate_limited":
            logger.warning("slack: Slack withholds events of team %s", text_of(body, "team_id"))
        if kind == "event_callback":
            kind = text_of(event, "type")
        if kind not in ("message", "app_mention"):
            not_a_message("slack", kind, _ids(body, event, event), NOT_MESSAGES)
        elif not self._is_addressed(event):
            ids = _ids(body, event, event)
            ignored("slack", "a message that is not for the bot", ids, logging.DEBUG)
        else:
            message = self._message(event)
            if message is None:
                _unread(body, event)
            elif _is_a_persons(body, event, message):
                return _incoming(body, event, message)
        return []

    def _message(self, event: dict[str, Any]) -> dict[str, Any] | None:
        subtype = text_of(event, "subtype")
        if subtype in _WRITTEN:
            return None if event.get("hidden") else event
        if subtype == "message_changed" and self._edits:
            message = object_of(event, "message")
            before = object_of(event, "previous_message")
            is_edited = (
                bool(object_of(message, "edited")) and text_of(message, "subtype") in _WRITTEN
            )
            # An unfurled link changes a message too, but not its text.
            return message if is_edited and message.get("text") != before.get("text") else None
        return None

    def _is_addressed(self, event: dict[str, Any]) -> bool:
        return (
            text_of(event, "type") == "app_mention"
            or text_of(event, "channel_type") == "im"
            or (bool(self._slack_channel) and event.get("channel") == self._slack_channel)
        )


def _unread(body: dict[str, Any], event: dict[str, Any]) -> None:
    """Log a message of a subtype that is not read."""
    kind = f"message/{text_of(event, 'subtype') or 'hidden'}"
    if kind in NOT_MESSAGES or _is_a_persons(body, event, event):
        not_a_message("slack", kind, _ids(body, event, event), NOT_MESSAGES)


def _is_a_persons(body: dict[str, Any], event: dict[str, Any], message: dict[str, Any]) -> bool:
    """Whether a person wrote the message; if not, log who did."""
    app_id, bot_id, user = (text_of(message, key) for key in ("app_id", "bot_id", "user"))
    own = [
        text_of(entry, "user_id")
        for entry in objects_of(body, "authorizations")
        if entry.get("is_bot")
    ]
    what, level = "", logging.INFO
    if user in own or (app_id and app_id == text_of(body, "api_app_id")):
        what, level = "the bot's own message", logging.DEBUG
    elif user in _SYSTEM_USERS:
        what = "a message from Slack itself"
    elif app_id or any(message.get(key) for key in _POSTED_BY_APPS) or not user:
        what = "another bot's message"
    if what:
        ids = {"user": user, "bot_id": bot_id, "app_id": app_id, **_ids(body, event, message)}
        ignored("slack", what, ids, level)
    return not what


def _ids(body: dict[str, Any], event: dict[str, Any], message: dict[str, Any]) -> dict[str, str]:
    return {
        "channel": text_of(event, "channel"),
        "ts": text_of(message, "ts"),
        "event_id": text_of(body, "event_id"),
        "team": text_of(body, "team_id"),
    }


def _incoming(
    body: dict[str, Any], event: dict[str, Any], message: dict[str, Any]
) -> list[Incoming]:
    users = _bot_users(body)
    files = [_attachment(file) for file in objects_of(message, "files")]
    written = text_of(message, "text")
    rest = plain_text(written, users) or "\n".join(file["url"] for file in files if file["url"])
    text = said(rest, plain_text(written))
    if not text:
        ignored("slack", "a message without text", _ids(body, event, message))
        return []
    # To an app installed for a whole organisation, Slack may send no team.
    teams = (text_of(body, key) for key in ("team_id", "context_team_id", "enterprise_id"))
    team = next((each for each in teams if each), "")
    channel, ts = text_of(event, "channel"), text_of(message, "ts")
    thread = text_of(message, "thread_ts")
    metadata: dict[str, Any] = {"out_channel": channel, "thread_id": thread or ts, "users": users}
    if files:
        metadata["attachments"] = files
    message_id = joined_id(team, channel, ts) or text_of(body, "event_id") or None
    if message is not event:
        metadata["edited"] = text_of(object_of(message, "edited"), "ts")
        message_id = joined_id(message_id, metadata["edited"])
    return [
        Incoming(
            text,
            message_id,
            metadata,
            team=team,
            channel=channel,
            user=text_of(message, "user"),
            thread=thread or ts,
            in_thread=bool(thread) and text_of(event, "channel_type") == "im",
        )
    ]


def _bot_users(body: dict[str, Any]) -> list[str]:
    authed_users = texts_of(body, "authed_users")
    if authed_users:
        return authed_users
    return [text_of(entry, "user_id") for entry in objects_of(body, "authorizations")[:1]]


def _attachment(file: dict[str, Any]) -> dict[str, Any]:
    """A file as it is passed to the agent; fetching `url` requires the bot's token."""
    size = file.get("size")
    return {
        "id": text_of(file, "id"),
        "name": text_of(file, "name"),
        "mimetype": text_of(file, "mimetype"),
        "size": size if isinstance(size, int) else None,
        "url": text_of(file, "url_private"),
    }
