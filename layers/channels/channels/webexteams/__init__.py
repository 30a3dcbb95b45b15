"""The Webex channel: `input` (webhooks), `output` (messages and cards) and their parts."""

from channels.webexteams.input import WebexTeamsInput

__all__ = ["WebexTeamsInput"]
