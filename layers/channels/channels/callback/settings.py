"""The section `callback` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section(
    "callback",
    "docs/channels/callback.md",
    keys=(
        "url",
        "params",
        "headers",
        "basic_auth",
        "token",
        "token_name",
        "cafile",
        "timeout",
        "signing_secret",
        "array",
        "allow_private_addresses",
        "jwt_key",
        "jwt_method",
    ),
)
