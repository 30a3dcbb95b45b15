"""The section `botframework` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "botframework",
    "docs/channels/botframework.md",
    keys=(
        "app_id",
        "app_password",
        "app_tenant_id",
        "conversation_granularity",
        "welcome_intent",
        "edited_messages",
        "trusted_service_urls",
        "token_url",
        "openid_metadata_url",
        "allow_unsigned",
    ),
)
