"""Aliases of `rasa.core.channels.slack`."""

from channels.slack import SlackInput
from channels.slack.output import SlackBot

__all__ = ["SlackBot", "SlackInput"]
