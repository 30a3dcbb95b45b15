"""Aliases of `rasa.core.channels.mattermost`."""

from channels.mattermost import MattermostInput
from channels.mattermost.output import MattermostBot

__all__ = ["MattermostBot", "MattermostInput"]
