"""The Lambda of the Bot Framework channel: /webhooks/botframework."""

from channels.webhook import webhook

handler = webhook("botframework")
