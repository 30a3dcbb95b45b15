"""The console channel: `cmdline` in credentials.yml."""

from channels.console.input import CmdlineInput

__all__ = ["CmdlineInput"]
