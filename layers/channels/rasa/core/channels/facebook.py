"""Alias of `rasa.core.channels.facebook`."""

from channels.facebook import FacebookInput
from channels.facebook.output import MessengerBot

__all__ = ["FacebookInput", "MessengerBot"]
