"""The Telegram channel: `input` (updates), `output` (Bot API calls) and their parts."""

from channels.telegram.input import TelegramInput

__all__ = ["TelegramInput"]
