"""Messenger, for the contract tests."""

from __future__ import annotations

import hmac
from typing import Any

from tests.contract.sample import KEY, Sample, refused, renamed
from tests.servers.recording_server import Answer, Recorded


def facebook_signature(event: dict[str, Any]) -> None:
    """Meta's signature."""
    digest = hmac.new(KEY.encode(), event["body"].encode(), "sha256").hexdigest()
    event["headers"]["x-hub-signature-256"] = f"sha256={digest}"


def facebook_api(request: Recorded) -> Answer:
    """Meta takes every message."""
    return 200, b'{"recipient_id": "PSID_1", "message_id": "m_OUT1"}', {}


def facebook_refusal(words: str) -> Answer:
    """Meta's error of an invalid parameter."""
    error = {"message": words, "type": "OAuthException", "code": 100, "fbtrace_id": "BLBz"}
    return refused(400, {"error": error})


SAMPLE = Sample(
    {"verify": "made-up", "secret": KEY, "page-access-token": "EAAG-made-up"},
    "facebook/unsigned",
    facebook_signature,
    platform=facebook_api,
    refusal=facebook_refusal,
    ignored=("facebook/echo_text",),
    strange=renamed("entry", 0, "messaging", 0, "message"),
)
