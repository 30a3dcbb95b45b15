"""The section `cmdline` of credentials.yml."""

from __future__ import annotations

from channels.section import Section

#: Without settings: those of `rest` say who may call.
SECTION = Section("cmdline", "docs/channels/console.md")
