"""What a webhook loads until the platform has its 2xx: no more than `ack_modules.toml` lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
import tomllib
from pathlib import Path

import pytest

from channels.aws.keys import key as table_key
from channels.slack.signature import SignatureVerifier
from ops import ROOT
from tests.functions.channel_rows import ROWS
from tests.servers.recording_server import recording_server
from tests.unit.slack import workspace

LIST = Path(__file__).with_name("ack_modules.toml")
ALLOWED = tomllib.loads(LIST.read_text(encoding="utf-8"))

#: These answer with what the worker says, which is more than an acknowledgement.
WAITING = {"hangouts", "twilio_voice"}
QUEUING = sorted(set(ROWS) - WAITING)

#: Prints, after an event, the status of its answer and what was loaded for it.
CODE = """
import sys
before = set(sys.modules)
sys.path[:0], event = {folders!r}, {event!r}
import app
status = app.handler(event, None)["statusCode"]
print(status, *sorted(set(sys.modules) - before))
"""


def aws(row, operations):
    """AWS with the row's credentials and what the channel remembers; notes what is asked."""
    remembered = {
        table_key("MEMORY", row.name, key): value for key, value in row.remembered().items()
    }

    def respond(request):
        operation = request.headers["x-amz-target"].partition(".")[2]
        operations.append(operation)
        answer = {}
        if operation == "GetParameter":
            answer = {"Parameter": {"Value": json.dumps(row.credentials)}}
        elif operation == "GetItem":
            value = remembered[request.json["Key"]["pk"]["S"]]
            answer = {"Item": {"value": {"S": value}, "ttl": {"N": str(int(time.time()) + 60)}}}
        return 200, json.dumps(answer).encode(), {}

    return respond


def signed_now(row):
    """The row's plain example, with the platform's proof."""
    event = row.example()
    row.prove(event)
    if row.name == "slack":  # in the tests of its row the clock stands still
        timestamp = str(int(time.time()))
        signature = SignatureVerifier(workspace.SECRET).sign(event["body"].encode(), timestamp)
        event["headers"]["x-slack-request-timestamp"] = timestamp
        event["headers"]["x-slack-signature"] = signature
    return event


def answered(name, event, endpoint):
    """The status of the function's answer to its first event, and the modules that it loaded."""
    folders = [
        str(ROOT / "functions" / name),
        str(ROOT / "layers" / "channels"),
        sysconfig.get_path("purelib"),
    ]
    environment = {
        "PATH": os.defpath,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example-secret-key",
        "AWS_ENDPOINT_URL": endpoint,
        "INBOX_QUEUE_URL": f"{endpoint}/000000000000/inbox.fifo",
        "STATE_TABLE": "state",
        "CREDENTIALS_PATH": "/stack/credentials",
    }
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", "-c", CODE.format(folders=folders, event=event)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stdout.split()
    return int(status), set(modules)


def foreign(modules):
    """Those that are not ours, without the C halves of others (`_json`)."""
    return {name for name in modules if not name.startswith(("channels", "_")) and name != "app"}


def is_listed(module, names):
    """Whether a module is named, or belongs to a package that is named with all of it."""
    packages = module.split(".")[:-1]
    inside = {".".join([*packages[: length + 1], "*"]) for length in range(len(packages))}
    return module in names or bool(inside & names)


def listed(name):
    """What a channel may load."""
    return {*ALLOWED["every_channel"], *ALLOWED.get(name, [])}


@pytest.mark.parametrize("name", QUEUING)
def test_an_acknowledgement_loads_what_is_listed_and_no_more(name):
    row = ROWS[name]
    operations = []
    with recording_server(aws(row, operations)) as server:
        status, modules = answered(name, signed_now(row), server.url)
    assert (status, operations[-1]) == (200, "SendMessage"), "the message was handed over"
    new = {module for module in foreign(modules) if not is_listed(module, listed(name))}
    assert new == set(), f"not in {LIST.name}"
    others = {f"channels.{other}.input" for other in {*ROWS, "rest", "console"} - {name}}
    assert not modules & others, "a channel loads no other one"


def test_the_list_is_about_channels_that_acknowledge():
    assert set(ALLOWED) - {"every_channel"} <= set(QUEUING)


@pytest.mark.parametrize("name", QUEUING)
def test_nothing_slow_is_ever_listed(name):
    slow = {"asyncio", "boto3", "botocore", "requests", "yaml", "aws_lambda_powertools"}
    assert not slow & listed(name)
