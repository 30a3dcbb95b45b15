"""The section `cmdline` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

#: No settings: those of `rest` decide who may call.
SECTION = Section("cmdline", "docs/channels/console.md")
