"""The Lambda of the Bot Framework channel: /webhooks/botframework."""

from channels.handlers.webhook import webhook

handler = webhook("botframework")
