"""The Lambda of the Slack channel: /webhooks/slack."""

from channels.handlers.webhook import webhook

handler = webhook("slack")
