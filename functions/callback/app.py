"""The Lambda of the callback channel: /webhooks/callback."""

from channels.handlers.webhook import webhook

handler = webhook("callback")
