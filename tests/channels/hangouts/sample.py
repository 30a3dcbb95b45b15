"""Google Chat, for the contract tests."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.contract.sample import Sample, refused, with_value
from tests.servers.recording_server import Answer, Recorded
from tests.unit.hangouts.google import PROJECT, key_urls, project_token
from tests.unit.hangouts.space import ACCOUNT


def chat_api(request: Recorded) -> Answer:
    """Google Chat takes every message."""
    return 200, b'{"name": "spaces/AAA/messages/O1"}', {}


def chat_refusal(words: str) -> Answer:
    """Google Chat's error of an invalid message."""
    return refused(400, {"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}})


def chat_unasked() -> tuple[dict[str, Any], dict[str, str]]:
    """A service account that has logged in."""
    kept = {"token": "made-up-token", "expires": time.time() + 3600}
    return {"service_account": ACCOUNT}, {f"token:{ACCOUNT['client_email']}": json.dumps(kept)}


def chat_token(event: dict[str, Any]) -> None:
    """Google Chat's token for the project's number."""
    event["headers"]["authorization"] = f"Bearer {project_token()}"


SAMPLE = Sample(
    {"project_id": PROJECT, **key_urls()},
    "hangouts/no_token",
    chat_token,
    answers_in_request=True,
    platform=chat_api,
    refusal=chat_refusal,
    unasked=chat_unasked,
    ignored=("hangouts/own_message",),
    mention="hangouts/mention_only",
    only_the_platform_signs=True,
    strange=with_value("type"),
)
