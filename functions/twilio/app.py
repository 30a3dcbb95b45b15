"""The Lambda of the Twilio channel: /webhooks/twilio."""

from channels.handlers.webhook import webhook

handler = webhook("twilio")
