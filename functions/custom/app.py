"""The Lambda of your own channels: /webhooks/<name>."""

from channels.handlers.custom_channels import custom_webhook

handler = custom_webhook()
