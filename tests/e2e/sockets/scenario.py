"""What a client does and sees, whatever library it is made of.

`steps` are pairs: emit [event, data], ask (emit and note the acknowledgement), wait [name, count],
drop (lose the transport without a word), transport name (wait until it is the client's), rest
milliseconds, tell URL (POST to it; npm's clients only). `on_connect` is emitted at each connect.
What a client saw is a list of [name, ...]: connect, refused, disconnect, ack, transport and events.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ops import ROOT
from ops.stack.stack_file import StackFile
from tests.node_scripts import run_node

#: python-socketio 4 in an environment of its own (Makefile); the tests' own has version 5.
PYTHON_OF_4 = ROOT / ".venv" / "socketio4" / "bin" / "python"

#: npm's socket.io-client by major version, python-socketio by "python-" and major version.
CLIENTS = ["2", "3", "4", "python-4", "python-5"]

#: Those of Engine.IO 3: no `auth`, no receipts.
OLD_CLIENTS = {"2", "python-4"}

EVENTS = ["session_confirm", "bot_uttered", "bot_stream", "bot_typing"]


def run_scenario(
    client: str, stack: StackFile, steps: list[tuple[str, Any]], **given: Any
) -> list[list[Any]]:
    """What a client saw; `given` are namespace, auth, query, on_connect, and transports.

    With `transports` it goes to the one host of both, None being the client's own choice; without,
    straight to the WebSocket API.
    """
    address = urlsplit(str(stack.websocket_url))
    straight = {
        "url": f"http://{address.netloc}",
        "path": f"{address.path}/",
        "transports": ["websocket"],
    }
    through_the_front = {"url": str(stack.socketio_url), "path": "/socket.io/"}
    scenario = {
        **(through_the_front if "transports" in given else straight),
        "events": EVENTS,
        "steps": steps,
        **given,
    }
    if not client.startswith("python-"):
        seen: list[list[Any]] = run_node("socketio_client.mjs", {**scenario, "version": client})
        return seen
    return _run_python(sys.executable if client == "python-5" else str(PYTHON_OF_4), scenario)


def _run_python(python: str, scenario: dict[str, Any]) -> list[list[Any]]:
    if not Path(python).exists():
        missing = f"python-socketio 4 is not there: `make setup` installs it into {python}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    done = subprocess.run(  # noqa: S603 - our own script
        [python, str(Path(__file__).with_name("python_client.py"))],
        input=json.dumps(scenario),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: list[list[Any]] = json.loads(done.stdout)
    return seen


def named(seen: list[list[Any]], name: str) -> list[list[Any]]:
    """What stands behind a name in what was seen."""
    return [entry[1:] for entry in seen if entry[0] == name]


def texts(seen: list[list[Any]]) -> list[str]:
    """The texts that the bot said."""
    return [message[0].get("text", "") for message in named(seen, "bot_uttered")]
