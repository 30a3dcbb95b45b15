"""Aliases of `rasa.core.channels.webexteams`."""

from channels.webexteams import WebexTeamsInput
from channels.webexteams.output import WebexTeamsBot

__all__ = ["WebexTeamsBot", "WebexTeamsInput"]
