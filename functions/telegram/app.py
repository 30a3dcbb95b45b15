"""The Lambda of the Telegram channel: /webhooks/telegram."""

from channels.handlers.webhook import webhook

handler = webhook("telegram")
