"""Rocket.Chat, for the contract tests."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.sample import Sample, refused, renamed
from tests.servers.recording_server import Answer, Recorded

ROCKETCHAT_TOKEN = "rc-token-1"


def rocketchat_token(event: dict[str, Any]) -> None:
    """The token of an outgoing webhook, in the body."""
    event["body"] = json.dumps({**json.loads(event["body"]), "token": ROCKETCHAT_TOKEN})


def spoil_rocketchat_token(event: dict[str, Any]) -> None:
    """Change the end of the token."""
    event["body"] = event["body"].replace(ROCKETCHAT_TOKEN, f"{ROCKETCHAT_TOKEN[:-1]}2")


def rocketchat_api(request: Recorded) -> Answer:
    """Rocket.Chat takes every message."""
    return 200, b'{"success": true, "message": {"_id": "mOut1"}}', {}


def rocketchat_refusal(words: str) -> Answer:
    """Rocket.Chat's error of an invalid message."""
    return refused(400, {"success": False, "error": words})


SAMPLE = Sample(
    {
        "server_url": "https://chat.example.org",
        "user_id": "uBot00000000000001",
        "auth_token": "made-up",
        "webhook_token": ROCKETCHAT_TOKEN,
    },
    "rocketchat/unsigned",
    rocketchat_token,
    platform=rocketchat_api,
    refusal=rocketchat_refusal,
    platform_key="server_url",
    tamper=spoil_rocketchat_token,
    ignored=(
        "rocketchat/own_message",
        "rocketchat/integration_message",
        "rocketchat/rocket_cat",
    ),
    mention="rocketchat/trigger_word_only",
    strange=renamed("text"),
)
