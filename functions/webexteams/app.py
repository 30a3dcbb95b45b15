"""The Lambda of the Webex channel: /webhooks/webexteams."""

from channels.webhook import webhook

handler = webhook("webexteams")
