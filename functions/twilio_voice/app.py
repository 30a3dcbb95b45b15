"""The Lambda of the Twilio Voice channel: /webhooks/twilio_voice."""

from channels.handlers.webhook import webhook

handler = webhook("twilio_voice")
