"""The Lambda of the Twilio channel: /webhooks/twilio."""

from channels.webhook import webhook

handler = webhook("twilio")
