"""The section `rest` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

SECTION = Section("rest", "docs/channels/rest.md", keys=("token", "jwt_key", "jwt_method"))
