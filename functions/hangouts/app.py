"""The Lambda of the Google Chat channel: /webhooks/hangouts."""

from channels.webhook import webhook

handler = webhook("hangouts")
