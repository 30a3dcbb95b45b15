"""The Twilio channel: `input` (message webhooks), `output` (the Messages API) and their parts.

`twilio_voice` also uses `signature`, `fields` and `replays`.
"""

from channels.twilio.input import TwilioInput

__all__ = ["TwilioInput"]
