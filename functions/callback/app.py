"""The Lambda of the callback channel: /webhooks/callback."""

from channels.webhook import webhook

handler = webhook("callback")
