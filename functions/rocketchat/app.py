"""The Lambda of the Rocket.Chat channel: /webhooks/rocketchat."""

from channels.webhook import webhook

handler = webhook("rocketchat")
