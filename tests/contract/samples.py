"""What the contract tests need to know of a channel: how to set it up and how to speak to it.

A channel that is added to the registry is tested as soon as it has its entry here; without one the
contract tests fail.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jwt

from channels.slack.signature import SignatureVerifier
from tests.recording_server import Answer, Recorded

KEY = "k" * 32


#: What the names of headers that prove something contain.
PROOFS = ("authorization", "signature", "secret-token")


def spoil_headers(event: dict[str, Any]) -> None:
    """Change the end of each header that proves something."""
    for name, value in event["headers"].items():
        if any(each in name for each in PROOFS):
            event["headers"][name] = value[:-4] + "AAAA"


class Sample(NamedTuple):
    """One channel: credentials that ask for proof, its example event, and the proof.

    `sign(event)` makes the event acceptable, in place. `answers_in_request` channels have no queue.
    `platform` is what the platform's API answers, for channels that take `api_base` (or the key
    that `platform_key` names). `tamper(event)` spoils a proof that stands in no header.
    """

    credentials: dict[str, Any]
    event: str
    sign: Callable[[dict[str, Any]], None]
    answers_in_request: bool = False
    platform: Callable[[Recorded], Answer] | None = None
    platform_key: str = "api_base"
    tamper: Callable[[dict[str, Any]], None] = spoil_headers


def bearer(event: dict[str, Any]) -> None:
    """A JWT of the sample's key."""
    token = jwt.encode({"exp": int(time.time()) + 60}, KEY, algorithm="HS256")
    event["headers"]["authorization"] = f"Bearer {token}"


SLACK_SECRET = "3f2b8c1d9e0a4f67b5d2c8e1a7f90b34"


def slack_signature(event: dict[str, Any]) -> None:
    """Slack's signature of this moment."""
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SLACK_SECRET).sign(event["body"].encode(), timestamp)
    event["headers"]["x-slack-request-timestamp"] = timestamp
    event["headers"]["x-slack-signature"] = signature


def slack_api(request: Recorded) -> Answer:
    """Slack takes every message."""
    return 200, b'{"ok": true, "ts": "1767225600.000100"}', {"content-type": "application/json"}


def facebook_signature(event: dict[str, Any]) -> None:
    """Meta's signature."""
    digest = hmac.new(KEY.encode(), event["body"].encode(), "sha256").hexdigest()
    event["headers"]["x-hub-signature-256"] = f"sha256={digest}"


def facebook_api(request: Recorded) -> Answer:
    """Meta takes every message."""
    return 200, b'{"recipient_id": "PSID_1", "message_id": "m_OUT1"}', {}


TELEGRAM_SECRET = "Rasa-on_AWS-2026"


def telegram_secret_token(event: dict[str, Any]) -> None:
    """The secret token of setWebhook."""
    event["headers"]["x-telegram-bot-api-secret-token"] = TELEGRAM_SECRET


def telegram_api(request: Recorded) -> Answer:
    """Telegram takes every message."""
    return 200, b'{"ok": true, "result": {"message_id": 21}}', {}


SAMPLES = {
    "rest": Sample({"jwt_key": KEY}, "rest/text", bearer, answers_in_request=True),
    "callback": Sample({"jwt_key": KEY, "url": "https://example.com/bot"}, "callback/text", bearer),
    "slack": Sample(
        {"slack_token": "xoxb-made-up", "slack_signing_secret": SLACK_SECRET},
        "slack/message_im",
        slack_signature,
        platform=slack_api,
    ),
    "facebook": Sample(
        {"verify": "made-up", "secret": KEY, "page-access-token": "EAAG-made-up"},
        "facebook/unsigned",
        facebook_signature,
        platform=facebook_api,
    ),
    "telegram": Sample(
        {"access_token": "1:made-up", "secret_token": TELEGRAM_SECRET},
        "telegram/no_secret",
        telegram_secret_token,
        platform=telegram_api,
    ),
}

#: Channels that are another one's route, or come over sockets (tests/unit/socketio).
WITHOUT_A_WEBHOOK = {"cmdline", "socketio"}
