"""Twilio Voice, for the contract tests."""

from __future__ import annotations

from tests.channels.twilio.sample import TWILIO_TOKEN, twilio_signature
from tests.contract.sample import Sample

SAMPLE = Sample(
    {"auth_token": TWILIO_TOKEN},
    "twilio_voice/unsigned",
    twilio_signature,
    answers_in_request=True,
)
