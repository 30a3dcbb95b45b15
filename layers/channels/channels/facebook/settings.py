"""The section `facebook` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "facebook",
    "docs/channels/facebook.md",
    keys=(
        "verify",
        "secret",
        "page-access-token",
        "app_id",
        "page_tokens",
        "graph_version",
        "appsecret_proof",
        "conversation_granularity",
        "allow_sha1",
        "allow_unsigned",
        "api_base",
    ),
)

API_BASE = "https://graph.facebook.com"

#: Released on 18 February 2026; Meta keeps a version for two years.
GRAPH_VERSION = "v25.0"
