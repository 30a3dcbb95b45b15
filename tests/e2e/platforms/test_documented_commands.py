"""The documentation's commands, typed as they stand there, on the deployed stack."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops import ROOT
from tests.documentation import COMMANDS
from tests.documented_commands import HERE
from tests.e2e.platforms.conftest import CLIENT

PRINTED = {command.typed: command.printed for command in COMMANDS}


@pytest.fixture
def typed(deployed, servers, tmp_path):
    """Types a command in a folder of its own; gives how it ended.

    What a page leaves open, or says of a stack on AWS, is this stack's.
    """
    url = deployed.stack.http_url
    shutil.copy(ROOT / "credentials.example.yml", tmp_path)
    variables = {
        "PATH": f"{Path(sys.executable).parent}:{deployed.run.environment()['PATH']}",
        "PYTHONPATH": str(ROOT),
        "CHANNELS_TOKEN": CLIENT,
    }

    def call(command):
        for said, meant in (
            ("http://127.0.0.1:4566/_aws/execute-api/<id>", url),
            ("https://abc123.execute-api.eu-west-1.amazonaws.com", url),
            ("<url>", url),
            ("<message id or sender>", "U0ALICE00"),
            (" --stack-name channels-prod", ""),
            ("curl ", f"curl -sS --fail-with-body -H 'Authorization: Bearer {CLIENT}' "),
        ):
            command = command.replace(said, meant)
        return subprocess.run(  # noqa: S602
            command,
            shell=True,
            cwd=tmp_path,
            env=deployed.run.environment(**variables),
            input="hi\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call


def as_printed(pattern: str, text: str) -> bool:
    """Whether a text is what a page shows; `...` stands for anything, white space for none."""
    parts = [re.escape("".join(part.split())) for part in pattern.split("...")]
    return re.fullmatch(".*".join(parts), "".join(text.split()), re.S) is not None


@pytest.mark.parametrize("command", HERE)
def test_a_command_does_what_the_page_says(typed, chats, command):
    if "U0ALICE00" in command or "<message id or sender>" in command:
        replayed = typed("python -m ops replay slack/message_im --resign --new-id --follow")
        assert replayed.returncode == 0, replayed.stderr
    if command.endswith("credentials.yml") and "check" in command:
        typed("cp credentials.example.yml credentials.yml")
    done = typed(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout or command.startswith("cp ")
    if PRINTED[command]:
        assert as_printed(PRINTED[command], done.stdout), done.stdout
