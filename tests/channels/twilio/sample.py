"""Twilio, for the contract tests."""

from __future__ import annotations

from typing import Any

from twilio.request_validator import RequestValidator

from channels.http.request import Request
from tests.contract.sample import NEW, Sample, refused
from tests.servers.recording_server import Answer, Recorded

TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"


def twilio_signature(event: dict[str, Any]) -> None:
    """Twilio's signature, by Twilio's own library."""
    request = Request.from_event(event)
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(request.url, request.form)
    event["headers"]["x-twilio-signature"] = signature


def twilio_api(request: Recorded) -> Answer:
    """Twilio takes every message."""
    return 201, b'{"sid": "SM00000000000000000000000000000099", "status": "queued"}', {}


def twilio_refusal(words: str) -> Answer:
    """Twilio's error of an invalid number."""
    more = "https://www.twilio.com/docs/errors/21211"
    return refused(400, {"code": 21211, "message": words, "more_info": more, "status": 400})


def of_a_new_status(event: dict[str, Any]) -> None:
    """A message of Twilio's in a state that nobody knows yet."""
    event["body"] = event["body"].replace("SmsStatus=received", f"SmsStatus={NEW}")


SAMPLE = Sample(
    {
        "account_sid": "AC00000000000000000000000000000001",
        "auth_token": TWILIO_TOKEN,
        "twilio_number": "+15005550010",
    },
    "twilio/no_signature",
    twilio_signature,
    platform=twilio_api,
    refusal=twilio_refusal,
    ignored=("twilio/own_number",),
    strange=of_a_new_status,
)
