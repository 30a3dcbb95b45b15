"""Mattermost, for the contract tests."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.sample import Sample, refused, renamed
from tests.servers.recording_server import Answer, Recorded

MATTERMOST_TOKEN = "tok26aaaaaaaaaaaaaaaaaaaaa"


def mattermost_token(event: dict[str, Any]) -> None:
    """The token of an outgoing webhook, in the body."""
    event["body"] = json.dumps({**json.loads(event["body"]), "token": MATTERMOST_TOKEN})


def spoil_mattermost_token(event: dict[str, Any]) -> None:
    """Change the end of the token."""
    event["body"] = event["body"].replace(MATTERMOST_TOKEN, f"{MATTERMOST_TOKEN[:-1]}A")


def mattermost_api(request: Recorded) -> Answer:
    """Mattermost knows every user and takes every post."""
    if request.path.endswith("/typing"):
        return 200, b'{"status": "OK"}', {}
    if "/users/" in request.path:
        return refused(200, {"id": request.path.rpartition("/")[2], "username": "someone"})
    return 201, b'{"id": "po000000000000000000000009", "create_at": 1767225600000}', {}


def mattermost_refusal(words: str) -> Answer:
    """Mattermost's error of an invalid post."""
    error = {"id": "model.post.is_valid.msg.app_error", "message": words, "status_code": 400}
    return refused(400, {**error, "detailed_error": "", "request_id": "r"})


SAMPLE = Sample(
    {
        "url": "https://chat.example.com/api/v4",
        "token": "bot-token-made-up",
        "webhook_url": "https://bot.example.com/webhooks/mattermost/webhook",
        "webhook_tokens": [MATTERMOST_TOKEN],
    },
    "mattermost/no_token",
    mattermost_token,
    platform=mattermost_api,
    refusal=mattermost_refusal,
    platform_key="url",
    tamper=spoil_mattermost_token,
    ignored=("mattermost/system_message",),
    mention="mattermost/mention_only",
    strange=renamed("text"),
)
