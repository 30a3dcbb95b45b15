"""The botframework channel: activities in (`input`), activities out (`output`), and their parts."""

from channels.botframework.input import BotFrameworkInput

__all__ = ["BotFrameworkInput"]
