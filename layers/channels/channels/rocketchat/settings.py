"""The section `rocketchat` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "rocketchat",
    "docs/channels/rocketchat.md",
    keys=(
        "user",
        "password",
        "server_url",
        "user_id",
        "auth_token",
        "webhook_token",
        "livechat_token",
        "rooms",
        "trigger_words",
        "conversation_granularity",
        "use_threads",
        "edits",
        "keep_trigger_word",
        "max_message_size",
        "allow_unsigned",
    ),
)

#: Default of Rocket.Chat's setting Message_MaxAllowedSize (UTF-16 units).
MAX_MESSAGE_SIZE = 5000
