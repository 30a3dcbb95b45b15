"""The Lambda of the Google Chat channel: /webhooks/hangouts."""

from channels.handlers.webhook import webhook

handler = webhook("hangouts")
