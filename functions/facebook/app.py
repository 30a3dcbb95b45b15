"""The Lambda of the facebook channel, Messenger and Instagram: /webhooks/facebook."""

from channels.handlers.webhook import webhook

handler = webhook("facebook")
