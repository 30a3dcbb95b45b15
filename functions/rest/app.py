"""The Lambda of the rest channel: /webhooks/rest."""

from channels.handlers.webhook import webhook

handler = webhook("rest")
