"""The Lambda of the Slack channel: /webhooks/slack."""

from channels.webhook import webhook

handler = webhook("slack")
