"""Updates and messages that say nothing to a bot, by kind and by author (Bot API 10.3)."""

from __future__ import annotations

from channels.messages.fields import object_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Fields of service messages, which tell what happened in a chat.
SERVICE_MESSAGES = frozenset(
    (
        "boost_added",
        "channel_chat_created",
        "chat_background_set",
        "connected_website",
        "delete_chat_photo",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "giveaway_completed",
        "giveaway_created",
        "group_chat_created",
        "left_chat_member",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_members",
        "new_chat_photo",
        "new_chat_title",
        "pinned_message",
        "proximity_alert_triggered",
        "supergroup_chat_created",
        "video_chat_ended",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "video_chat_started",
        "write_access_allowed",
    )
)

#: Kinds of updates, by their field, and of service messages.
NOT_MESSAGES = frozenset(
    [
        "business_connection",
        "business_message",
        "channel_post",
        "chat_boost",
        "chat_join_request",
        "chat_member",
        "chosen_inline_result",
        "deleted_business_messages",
        "edited_business_message",
        "edited_channel_post",
        "edited_message",
        "inline_query",
        "message_reaction",
        "message_reaction_count",
        "my_chat_member",
        "poll",
        "poll_answer",
        "pre_checkout_query",
        "purchased_paid_media",
        "removed_chat_boost",
        "shipping_query",
        "stopped_message_generation",
        *(f"message/{field}" for field in SERVICE_MESSAGES),
    ]
)

#: Telegram's own user, which forwards a channel's posts to its discussion group.
_SERVICE = 777000

#: Telegram's own bots that people appear as: GroupAnonymousBot, an administrator writing as the
#: group, and Channel_Bot, a user writing as a channel (core.telegram.org/bots/api#message, `from`).
_PEOPLE = (1087968824, 136817688)


def not_a_persons(message: dict[str, Any]) -> str:
    """Whose message it is, if it is not a person's; "" if it is.

    A channel's post that Telegram forwards to the discussion group is meant for the channel's
    readers; their comments on it are messages like any other.
    """
    sender = object_of(message, "from")
    sender_id = sender.get("id")
    if message.get("is_automatic_forward") is True or sender_id == _SERVICE:
        return "a channel's post in its discussion group"
    is_bot = sender.get("is_bot") and not object_of(message, "sender_chat")
    return "another bot's message" if is_bot and sender_id not in _PEOPLE else ""
