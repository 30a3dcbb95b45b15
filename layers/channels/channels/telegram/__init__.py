"""The Telegram channel: `input` (updates), `output` (calls of the Bot API), and their parts."""

from channels.telegram.input import TelegramInput

__all__ = ["TelegramInput"]
