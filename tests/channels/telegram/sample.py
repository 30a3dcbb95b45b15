"""Telegram, for the contract tests."""

from __future__ import annotations

from typing import Any

from tests.contract.sample import Sample, refused, renamed
from tests.servers.recording_server import Answer, Recorded

TELEGRAM_SECRET = "Rasa-on_AWS-2026"


def telegram_secret_token(event: dict[str, Any]) -> None:
    """The secret token of setWebhook."""
    event["headers"]["x-telegram-bot-api-secret-token"] = TELEGRAM_SECRET


def telegram_api(request: Recorded) -> Answer:
    """Telegram takes every message."""
    return 200, b'{"ok": true, "result": {"message_id": 21}}', {}


def telegram_refusal(words: str) -> Answer:
    """Telegram's error of a request that it does not understand."""
    return refused(400, {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"})


SAMPLE = Sample(
    {"access_token": "1:made-up", "secret_token": TELEGRAM_SECRET},
    "telegram/no_secret",
    telegram_secret_token,
    platform=telegram_api,
    refusal=telegram_refusal,
    ignored=("telegram/another_bot", "telegram/channel_post_in_group"),
    mention="telegram/mention_only",
    strange=renamed("message"),
)
