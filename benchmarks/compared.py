"""The functions that are measured: ours as `sam build` leaves them, and those of others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import certifi

from benchmarks.events import SLACK_SECRET, TELEGRAM_SECRET
from benchmarks.stand_ins import Aws, bot_api, server
from benchmarks.starts import Function
from ops import ROOT
from ops.local import sam
from tests.servers.authorities import Authority

_HANDLERS = Path(__file__).parent / "handlers"
_CREDENTIALS = "/channels/credentials"
_PARAMETERS = {
    f"{_CREDENTIALS}/slack": {"slack_token": "xoxb-made-up", "slack_signing_secret": SLACK_SECRET},
    f"{_CREDENTIALS}/telegram": {
        "access_token": "4242:made-up",
        "verify": "made_up_bot",
        "secret_token": TELEGRAM_SECRET,
    },
}

#: What Lambda sets, what the template sets for ours, what the others read.
_ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "AWS_SESSION_TOKEN": "example-session-token",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_LEVEL": "INFO",
    "CREDENTIALS_PATH": _CREDENTIALS,
    "STATE_TABLE": "state",
    "LOG_LEVEL": "INFO",
    "SLACK_SIGNING_SECRET": SLACK_SECRET,
    "TELEGRAM_SECRET_TOKEN": TELEGRAM_SECRET,
}


def build() -> Path:
    """The folder that `sam build` leaves for this machine's processor."""
    folder = ROOT / ".local-bench"
    folder.mkdir(exist_ok=True)
    sam.build(folder, {"Architecture": sam.architecture()})
    return folder / "build"


@contextmanager
def compared(build: Path) -> Iterator[dict[str, Function]]:
    """Functions by name, with an AWS to call for the length of the block.

    Those of `handlers/` and, of `build`, ours: `slack`, `telegram`. With `_tls` after its name a
    function calls AWS over TLS.
    """
    aws = Aws(_PARAMETERS)
    with ExitStack() as stack:
        bots = f"http://{stack.enter_context(server(bot_api))}/bot"
        endpoint = f"http://{stack.enter_context(server(aws.respond))}"
        functions = _functions(build, {**_ENVIRONMENT, "BOT_API": bots}, endpoint)
        folder = Path(stack.enter_context(TemporaryDirectory()))
        authority = Authority(folder, "benchmark")
        secure = f"https://{stack.enter_context(server(aws.respond, authority.server()))}"
        yield functions | _over_tls(functions, secure, authority.bundle, folder)


def _functions(build: Path, environment: dict[str, str], endpoint: str) -> dict[str, Function]:
    layer = build / "ChannelsLayer" / "python"
    folders = {path.parent.name: path.parent for path in _HANDLERS.glob("*/app.py")}
    ours = {"slack": build / "SlackFunction", "telegram": build / "TelegramFunction"}
    calling = environment | _calling(endpoint)
    functions = {name: Function(folder, None, calling) for name, folder in folders.items()}
    functions["slack_no_queue"] = functions["slack_no_queue"]._replace(layer=layer)
    return functions | {name: Function(folder, layer, calling) for name, folder in ours.items()}


def _calling(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "INBOX_QUEUE_URL": f"{endpoint}/000000000000/inbox.fifo",
    }


def _over_tls(
    functions: dict[str, Function], endpoint: str, authority: Path, folder: Path
) -> dict[str, Function]:
    """The same calling the stand-in over TLS: its authority takes the place of Amazon's.

    It stands in our layer's short list, and among all the others that a system has.
    """
    slack, layer = functions["slack"], folder / "python"
    shutil.copytree(slack.layer or "", layer)
    roots = layer / "channels" / "aws" / "client" / "aws_roots.pem"
    roots.write_text(roots.read_text("utf-8") + authority.read_text("utf-8"), "utf-8")
    without = folder / "without"
    shutil.copytree(layer, without)
    (without / "channels" / "aws" / "client" / "aws_roots.pem").unlink()
    everybody = folder / "everybody.pem"
    everybody.write_text(Path(certifi.where()).read_text("utf-8") + authority.read_text("utf-8"))
    variables = _calling(endpoint) | {"SSL_CERT_FILE": str(everybody)}
    ours = {**slack.environment, **variables}
    theirs = {**functions["bare_boto3"].environment, **variables, "AWS_CA_BUNDLE": str(everybody)}
    return {
        "slack_tls": slack._replace(layer=layer, environment=ours),
        "slack_tls_without_list": slack._replace(layer=without, environment=ours),
        "bare_boto3_tls": functions["bare_boto3"]._replace(environment=theirs),
    }
