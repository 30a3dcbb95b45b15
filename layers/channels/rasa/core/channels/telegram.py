"""Aliases of `rasa.core.channels.telegram`."""

from channels.telegram import TelegramInput
from channels.telegram.output import TelegramOutput

__all__ = ["TelegramInput", "TelegramOutput"]
