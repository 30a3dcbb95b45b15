"""Events for the functions that are measured, made of the project's examples."""

from __future__ import annotations

import json
import time
from typing import Any

from channels.slack.signature import SignatureVerifier
from ops import ROOT

SLACK_SECRET = "made-up-signing-secret"  # noqa: S105
TELEGRAM_SECRET = "made-up-secret-token"  # noqa: S105


def slack_message() -> bytes:
    """A message of Slack's Events API, signed now."""
    event = _example("slack/message_im")
    return _signed_now(event)


def slack_challenge() -> bytes:
    """Slack's question whether the address is ours, signed now."""
    return _signed_now(_example("slack/url_verification"))


def forged_slack_message() -> bytes:
    """A message of now with a wrong signature."""
    event = json.loads(slack_message())
    event["headers"]["x-slack-signature"] = "v0=" + "0" * 64
    return json.dumps(event).encode()


def slack_health() -> bytes:
    """A GET of the channel's health."""
    return json.dumps(_example("slack/health")).encode()


def telegram_message() -> bytes:
    """An update of Telegram, with the secret token."""
    event = _example("telegram/text")
    event["headers"]["x-telegram-bot-api-secret-token"] = TELEGRAM_SECRET
    return json.dumps(event).encode()


def _signed_now(event: dict[str, Any]) -> bytes:
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SLACK_SECRET).sign(event["body"].encode(), timestamp)
    event["headers"]["x-slack-request-timestamp"] = timestamp
    event["headers"]["x-slack-signature"] = signature
    return json.dumps(event).encode()


def _example(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return event
