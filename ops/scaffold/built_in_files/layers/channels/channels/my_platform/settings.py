"""The section `my_platform` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "my_platform",
    "docs/channels/my_platform.md",
    keys=("access_token", "webhook_secret", "allow_unsigned", "api_base"),
)

API_BASE = "https://api.example.com/v1"

#: The longest text of one message (characters).
MAX_TEXT = 4000
