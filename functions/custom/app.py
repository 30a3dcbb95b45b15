"""The Lambda of your own channels: /webhooks/<name>."""

from channels.custom import custom_webhook

handler = custom_webhook()
