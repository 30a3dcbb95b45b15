"""The Twilio Voice channel: `input` (webhooks), `dialogue` (turns of a call) and their parts."""

from channels.twilio_voice.input import TwilioVoiceInput

__all__ = ["TwilioVoiceInput"]
