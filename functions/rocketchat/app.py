"""The Lambda of the Rocket.Chat channel: /webhooks/rocketchat."""

from channels.handlers.webhook import webhook

handler = webhook("rocketchat")
