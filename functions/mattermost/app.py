"""The Lambda of the Mattermost channel: /webhooks/mattermost."""

from channels.handlers.webhook import webhook

handler = webhook("mattermost")
