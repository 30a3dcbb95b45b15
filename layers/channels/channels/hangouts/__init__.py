"""The Google Chat channel: `input` (events), `output` (messages and cards), and their parts."""

from channels.hangouts.input import HangoutsInput

__all__ = ["HangoutsInput"]
