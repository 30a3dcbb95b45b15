"""Aliases of `rasa.core.channels.twilio`."""

from channels.twilio import TwilioInput
from channels.twilio.output import TwilioOutput

__all__ = ["TwilioInput", "TwilioOutput"]
