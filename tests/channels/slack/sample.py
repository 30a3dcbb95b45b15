"""Slack, for the contract tests."""

from __future__ import annotations

import time
from typing import Any

from slack_sdk.signature import SignatureVerifier

from tests.contract.sample import Sample, refused, with_value
from tests.servers.recording_server import Answer, Recorded

SLACK_SECRET = "3f2b8c1d9e0a4f67b5d2c8e1a7f90b34"


def slack_signature(event: dict[str, Any]) -> None:
    """Slack's signature of this moment, by Slack's own library."""
    timestamp = str(int(time.time()))
    body = event["body"]
    signature = SignatureVerifier(SLACK_SECRET).generate_signature(timestamp=timestamp, body=body)
    event["headers"]["x-slack-request-timestamp"] = timestamp
    event["headers"]["x-slack-signature"] = signature


def slack_api(request: Recorded) -> Answer:
    """Slack takes every message."""
    return 200, b'{"ok": true, "ts": "1767225600.000100"}', {"content-type": "application/json"}


def slack_refusal(words: str) -> Answer:
    """Slack refuses with status 200."""
    metadata = {"messages": [f"[ERROR] {words}"]}
    document = {"ok": False, "error": "invalid_arguments", "response_metadata": metadata}
    return refused(200, document)


SAMPLE = Sample(
    {"slack_token": "xoxb-made-up", "slack_signing_secret": SLACK_SECRET},
    "slack/message_im",
    slack_signature,
    platform=slack_api,
    refusal=slack_refusal,
    ignored=("slack/own_message", "slack/slackbot"),
    mention="slack/app_mention_only",
    strange=with_value("event", "subtype"),
)
