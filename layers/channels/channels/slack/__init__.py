"""The Slack channel: `input` (incoming requests), `output` (Web API calls) and their parts."""

from channels.slack.input import SlackInput

__all__ = ["SlackInput"]
