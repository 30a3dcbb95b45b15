"""Twilio Voice, as `ops` knows it: its requests are signed as Twilio's messages are."""

from ops.platforms.platform import Knowledge
from ops.platforms.twilio.signature import sign
from ops.platforms.twilio_voice.fresh_ids import with_fresh_ids
from ops.platforms.twilio_voice.registration import TwilioVoice

KNOWLEDGE = Knowledge(sign, with_fresh_ids, TwilioVoice)
