"""The Lambda of the Telegram channel: /webhooks/telegram."""

from channels.webhook import webhook

handler = webhook("telegram")
