"""The section `twilio` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "twilio",
    "docs/channels/twilio.md",
    keys=(
        "account_sid",
        "auth_token",
        "twilio_number",
        "messaging_service_sid",
        "secondary_auth_token",
        "webhook_shared_keys",
        "api_key_sid",
        "api_key_secret",
        "typing",
        "apology",
        "allow_unsigned",
        "api_base",
    ),
)

API_BASE = "https://api.twilio.com"
