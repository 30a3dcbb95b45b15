"""The section `webexteams` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "webexteams",
    "docs/channels/webexteams.md",
    keys=(
        "access_token",
        "room",
        "webhook_secret",
        "conversation_granularity",
        "use_threads",
        "allow_unsigned",
        "api_base",
    ),
)

API_BASE = "https://webexapis.com/v1/"
