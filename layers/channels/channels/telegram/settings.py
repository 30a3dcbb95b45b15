"""The section `telegram` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "telegram",
    "docs/channels/telegram.md",
    keys=(
        "access_token",
        "verify",
        "secret_token",
        "conversation_granularity",
        "parse_mode",
        "edited_messages",
        "file_urls",
        "allow_unsigned",
        "api_base",
    ),
    without_effect={
        "webhook_url": "`ops register` tells Telegram where the stack is",
    },
)

API_BASE = "https://api.telegram.org"

PARSE_MODES = ("HTML", "MarkdownV2", "Markdown")
