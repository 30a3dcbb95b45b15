"""The Twilio channel: `input` (webhooks of messages), `output` (the Messages API), and their parts.

`signature` and `fields` serve calls too (`twilio_voice`).
"""

from channels.twilio.input import TwilioInput

__all__ = ["TwilioInput"]
