"""Aliases of `rasa.core.channels.rocketchat`."""

from channels.rocketchat import RocketChatInput
from channels.rocketchat.output import RocketChatBot

__all__ = ["RocketChatBot", "RocketChatInput"]
