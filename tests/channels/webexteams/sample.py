"""Webex, for the contract tests."""

from __future__ import annotations

import hmac
from typing import Any

from tests.contract.sample import Sample, refused, with_value
from tests.servers.recording_server import Answer, Recorded

WEBEX_SECRET = "webex-secret-1"


def webex_signature(event: dict[str, Any]) -> None:
    """Webex's signature."""
    digest = hmac.new(WEBEX_SECRET.encode(), event["body"].encode(), "sha1").hexdigest()
    event["headers"]["x-spark-signature"] = digest


def webex_api(request: Recorded) -> Answer:
    """Webex knows the bot and the message, and takes every message."""
    if request.path == "/people/me":
        return 200, b'{"id": "BOTPERSON", "displayName": "RasaBot", "type": "bot"}', {}
    if request.method == "GET":
        return 200, b'{"id": "MSG1", "roomId": "ROOM1", "text": "hello"}', {}
    return 200, b'{"id": "OUT1", "roomId": "ROOM1"}', {}


def webex_refusal(words: str) -> Answer:
    """Webex's error of an invalid message."""
    return refused(
        400, {"message": words, "errors": [{"description": words}], "trackingId": "ROUTER_1"}
    )


SAMPLE = Sample(
    {"access_token": "made-up", "webhook_secret": WEBEX_SECRET},
    "webexteams/no_signature",
    webex_signature,
    platform=webex_api,
    refusal=webex_refusal,
    ignored=("webexteams/own_message", "webexteams/another_bot"),
    strange=with_value("resource"),
)
