"""The Slack channel: `input` (what comes in) and `output` (what goes out) with their parts."""

from channels.slack.input import SlackInput

__all__ = ["SlackInput"]
