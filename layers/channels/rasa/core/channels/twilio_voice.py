"""Aliases of `rasa.core.channels.twilio_voice`."""

from channels.twilio_voice import TwilioVoiceInput
from channels.twilio_voice.output import TwilioVoiceCollectingOutputChannel

__all__ = ["TwilioVoiceCollectingOutputChannel", "TwilioVoiceInput"]
