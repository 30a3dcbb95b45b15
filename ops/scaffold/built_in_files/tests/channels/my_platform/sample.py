"""My Platform, for the contract tests."""

from __future__ import annotations

import hmac
from typing import Any

from tests.contract.sample import Sample, refused, with_value
from tests.servers.recording_server import Answer, Recorded

SECRET = "made-up-webhook-secret"


def my_platform_signature(event: dict[str, Any]) -> None:
    """The platform's signature."""
    digest = hmac.new(SECRET.encode(), event["body"].encode(), "sha256").hexdigest()
    event["headers"]["x-signature-256"] = digest


def my_platform_api(request: Recorded) -> Answer:
    """The platform takes every message."""
    return 201, b'{"id": "M2"}', {}


def my_platform_refusal(words: str) -> Answer:
    """The platform's error of a message that it does not take."""
    return refused(400, {"error": {"code": "invalid", "message": words}})


SAMPLE = Sample(
    {"access_token": "made-up-token", "webhook_secret": SECRET},
    "my_platform/no_signature",
    my_platform_signature,
    platform=my_platform_api,
    refusal=my_platform_refusal,
    ignored=("my_platform/own_message",),
    strange=with_value("type"),
)
