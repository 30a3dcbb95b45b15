"""The functions that are measured: ours as `sam build` leaves them, and those of others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.stand_ins import Aws, bot_api, server
from benchmarks.starts import Function
from channels.slack.signature import SignatureVerifier
from ops import ROOT, sam

_HANDLERS = Path(__file__).parent / "handlers"
_SLACK_SECRET = "made-up-signing-secret"  # noqa: S105
_TELEGRAM_SECRET = "made-up-secret-token"  # noqa: S105
_CREDENTIALS = "/channels/credentials"

#: What Lambda sets, and the template for every function of ours.
_LAMBDA = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "AWS_SESSION_TOKEN": "example-session-token",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_LEVEL": "INFO",
    "AWS_EC2_METADATA_DISABLED": "true",
    "LAMBDA_DISABLE_PREVIEW_WARN": "1",
}


class Compared(NamedTuple):
    """Functions by name, and the stand-in for AWS that they call."""

    functions: dict[str, Function]
    aws: Aws


@contextmanager
def compared(build: Path) -> Iterator[Compared]:
    """The functions, ready to be started; `build` is what `build()` gave."""
    parameters = {
        f"{_CREDENTIALS}/slack": {
            "slack_token": "xoxb-made-up",
            "slack_signing_secret": _SLACK_SECRET,
        },
        f"{_CREDENTIALS}/telegram": {
            "access_token": "4242:made-up",
            "verify": "made_up_bot",
            "secret_token": _TELEGRAM_SECRET,
        },
    }
    aws = Aws(parameters)
    with ExitStack() as stack:
        endpoint = f"http://{stack.enter_context(server(aws.respond))}"
        bots = f"http://{stack.enter_context(server(bot_api))}/bot"
        yield Compared(_functions(build, endpoint, bots), aws)


def build() -> Path:
    """The folder that `sam build` leaves for this machine's processor."""
    folder = ROOT / ".local" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    sam.build(folder, {"Architecture": sam.architecture()})
    return folder / "build"


def _functions(build: Path, endpoint: str, bots: str) -> dict[str, Function]:
    environment = {
        **_LAMBDA,
        "AWS_ENDPOINT_URL": endpoint,
        "INBOX_QUEUE_URL": f"{endpoint}/000000000000/inbox.fifo",
        "SLACK_SIGNING_SECRET": _SLACK_SECRET,
        "TELEGRAM_SECRET_TOKEN": _TELEGRAM_SECRET,
        "BOT_API": bots,
    }
    ours = {
        **environment,
        "CREDENTIALS_PATH": _CREDENTIALS,
        "STATE_TABLE": "state",
        "LOG_LEVEL": "INFO",
    }
    layer = build / "ChannelsLayer" / "python"
    functions = {
        path.name: Function(path, environment=environment)
        for path in _HANDLERS.iterdir()
        if (path / "app.py").is_file()
    }
    functions["slack_no_queue"] = functions["slack_no_queue"]._replace(layer=layer)
    functions["slack"] = Function(build / "SlackFunction", layer, ours)
    functions["telegram"] = Function(build / "TelegramFunction", layer, ours)
    return functions


def slack_message() -> bytes:
    """A message of Slack's Events API, signed now."""
    event = _example("slack/message_im")
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(_SLACK_SECRET).sign(event["body"].encode(), timestamp)
    event["headers"]["x-slack-request-timestamp"] = timestamp
    event["headers"]["x-slack-signature"] = signature
    return json.dumps(event).encode()


def forged_slack_message() -> bytes:
    """The same with another signature."""
    event = json.loads(slack_message())
    event["headers"]["x-slack-signature"] = "v0=" + "0" * 64
    return json.dumps(event).encode()


def slack_health() -> bytes:
    """A GET of the channel's health."""
    return json.dumps(_example("slack/health")).encode()


def telegram_message() -> bytes:
    """An update of Telegram, with the secret token."""
    event = _example("telegram/text")
    event["headers"]["x-telegram-bot-api-secret-token"] = _TELEGRAM_SECRET
    return json.dumps(event).encode()


def _example(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return event
