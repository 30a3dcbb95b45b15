"""The Lambda of the Webex channel: /webhooks/webexteams."""

from channels.handlers.webhook import webhook

handler = webhook("webexteams")
