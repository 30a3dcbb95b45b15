"""The botframework channel: `input` (activities in), `output` (activities out), and their parts."""

from channels.botframework.input import BotFrameworkInput

__all__ = ["BotFrameworkInput"]
