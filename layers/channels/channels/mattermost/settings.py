"""The section `mattermost` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "mattermost",
    "docs/channels/mattermost.md",
    keys=(
        "url",
        "token",
        "webhook_url",
        "user",
        "pw",
        "webhook_tokens",
        "team",
        "trigger_words",
        "command",
        "use_threads",
        "conversation_granularity",
        "max_post_size",
        "apology",
        "allow_unsigned",
    ),
)
