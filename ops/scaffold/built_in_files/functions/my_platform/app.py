"""The Lambda of the My Platform channel: /webhooks/my_platform."""

from channels.handlers.webhook import webhook

handler = webhook("my_platform")
