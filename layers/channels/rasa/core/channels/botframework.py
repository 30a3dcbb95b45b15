"""Aliases of `rasa.core.channels.botframework`."""

from channels.botframework import BotFrameworkInput
from channels.botframework.output import BotFramework

__all__ = ["BotFramework", "BotFrameworkInput"]
