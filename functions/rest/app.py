"""The Lambda of the rest channel: /webhooks/rest."""

from channels.webhook import webhook

handler = webhook("rest")
