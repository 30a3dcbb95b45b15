"""Aliases of `rasa.core.channels.hangouts`."""

from channels.hangouts import HangoutsInput
from channels.hangouts.output import HangoutsOutput

__all__ = ["HangoutsInput", "HangoutsOutput"]
