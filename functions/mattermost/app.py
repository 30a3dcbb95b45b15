"""The Lambda of the Mattermost channel: /webhooks/mattermost."""

from channels.webhook import webhook

handler = webhook("mattermost")
