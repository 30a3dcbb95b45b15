"""The section `slack` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "slack",
    "docs/channels/slack.md",
    keys=(
        "slack_token",
        "slack_signing_secret",
        "slack_channel",
        "proxy",
        "use_threads",
        "conversation_granularity",
        "app_id",
        "command",
        "edits",
        "ephemeral",
        "typing",
        "allow_unsigned",
        "api_base",
    ),
    without_effect=dict.fromkeys(
        ("slack_retry_reason_header", "slack_retry_number_header", "errors_ignore_retry"),
        "an event that Slack sends again is recognised by its id",
    ),
)

API_BASE = "https://slack.com/api/"
