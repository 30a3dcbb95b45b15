"""Alias of `rasa.core.channels.console`."""

from channels.console import CmdlineInput

__all__ = ["CmdlineInput"]
