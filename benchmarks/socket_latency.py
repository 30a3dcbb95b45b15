"""Sockets on MiniStack: connect to OPEN and message to reply, beside a bare echo API.

    python -m benchmarks.socket_latency [--runs 50] [--local-dir .local]

Without a running stack it brings one up, in a folder of its own. One client, one thing at a time;
the two APIs take turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from benchmarks.echo_api import echo_api
from benchmarks.table import Options, Table, surroundings
from ops import ROOT
from ops.stack.stack_file import StackFile

#: A 95th percentile of fewer samples says nothing.
_FEWEST_RUNS = 50
_WARM_UP = 5
_PATIENCE = 60.0  # seconds

_COLUMNS = ("", "p50", "p95", "bare p50", "bare p95", "ratio p50", "ratio p95")

type Samples = dict[str, list[float]]


def run(options: Options, local_dir: Path | None = None) -> list[Table]:
    """Measure on the stack of `local_dir`, or on one of its own; times are in milliseconds."""
    runs = max(options.runs, _FEWEST_RUNS)
    with _stack(local_dir) as stack, echo_api(stack) as echo_url:
        _measure(stack, echo_url, _WARM_UP)
        samples = _measure(stack, echo_url, runs)
    ours = _ours(samples)
    notes = (
        "Bare is a WebSocket API with one Lambda that posts each frame back (boto3). It sends "
        "nothing unasked, so its client's first answer stands beside OPEN, and its echo beside "
        "both the acknowledgement and the reply. Ours puts the message into a FIFO queue before "
        "the acknowledgement, and the reply comes from the queue's worker.",
    )
    title = f"Sockets on MiniStack, {runs} of each, milliseconds"
    return [Table(title, _COLUMNS, ours, notes)]


def _measure(stack: StackFile, echo_url: str, runs: int) -> Samples:
    samples: Samples = {
        name: [] for name in ("open", "ack", "reply", "bare open", "echo", "accepted", "bare")
    }
    url = f"{stack.websocket_url}/?EIO=4&transport=websocket"
    with _connected(url) as ours, connect(echo_url, open_timeout=_PATIENCE) as bare:
        for number in range(runs):
            _time_connecting(url, echo_url, samples)
            _time_message(ours, number, samples)
            samples["echo"].append(_echo(bare))
    return samples


def _time_connecting(url: str, echo_url: str, samples: Samples) -> None:
    begun = time.perf_counter()
    with connect(url, open_timeout=_PATIENCE) as client:
        samples["accepted"].append(_since(begun))
        frame = client.recv(timeout=_PATIENCE)
        samples["open"].append(_since(begun))
        assert str(frame).startswith("0"), frame  # noqa: S101 - else it is no OPEN that was timed
    begun = time.perf_counter()
    with connect(echo_url, open_timeout=_PATIENCE) as client:
        samples["bare"].append(_since(begun))
        _echo(client)
        samples["bare open"].append(_since(begun))


def _time_message(client: ClientConnection, number: int, samples: Samples) -> None:
    """Send a message; its acknowledgement, the reply and the ping after it come in that order."""
    event = json.dumps(["user_uttered", {"message": "bye"}])
    begun = time.perf_counter()
    client.send(f"42{number}{event}")
    waiting = {f"43{number}[]": "ack", '42["bot_uttered",{"text":"Bye"}]': "reply", "2": ""}
    while waiting:
        name = waiting.pop(str(client.recv(timeout=_PATIENCE)))
        if name:
            samples[name].append(_since(begun))
    client.send("3")


def _echo(client: ClientConnection) -> float:
    begun = time.perf_counter()
    client.send("hi")
    client.recv(timeout=_PATIENCE)
    return _since(begun)


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _connected(url: str) -> Iterator[ClientConnection]:
    """A Socket.IO 4 client in a session of its own."""
    with connect(url, open_timeout=_PATIENCE) as client:
        session = json.dumps(["session_request", {"session_id": uuid.uuid4().hex}])
        for frame in ("", "40", f"42{session}"):
            if frame:
                client.send(frame)
            client.recv(timeout=_PATIENCE)
        yield client


def _ours(samples: Samples) -> list[list[str]]:
    rows = {
        "handshake accepted": ("accepted", "bare"),
        "connect to OPEN": ("open", "bare open"),
        "message to acknowledgement": ("ack", "echo"),
        "message to reply": ("reply", "echo"),
    }
    return [[what, *_figures(samples[ours], samples[bare])] for what, (ours, bare) in rows.items()]


def _figures(ours: list[float], bare: list[float]) -> list[str]:
    mine = [_percentile(ours, 50), _percentile(ours, 95)]
    theirs = [_percentile(bare, 50), _percentile(bare, 95)]
    ratios = [f"{one / other:.1f}" for one, other in zip(mine, theirs, strict=True)]
    return [*(f"{each:.0f}" for each in mine + theirs), *ratios]


def _percentile(samples: list[float], percent: int) -> float:
    """The nearest-rank percentile."""
    rank = -(-len(samples) * percent // 100)
    return sorted(samples)[rank - 1]


@contextmanager
def _stack(local_dir: Path | None) -> Iterator[StackFile]:
    """The stack of a folder, or a new one that is taken down again."""
    if local_dir is not None:
        found = StackFile.read(local_dir)
        if found is None:
            raise SystemExit(f"no stack is up in {local_dir}: make up")
        yield found
        return
    with tempfile.TemporaryDirectory() as folder:
        credentials = Path(folder) / "credentials.yml"
        credentials.write_text("rest:\nsocketio:\n  session_persistence: true\n", encoding="utf-8")
        environment = {
            **os.environ,
            "LOCAL_DIR": str(Path(folder) / "local"),
            "PORT": str(_free_port()),
            "CREDENTIALS": str(credentials),
            "PARAMETERS": "",
        }
        try:
            yield StackFile(**json.loads(_ops("up", environment)))
        finally:
            _ops("down", environment)


def _ops(command: str, environment: dict[str, str]) -> str:
    arguments = [sys.executable, "-m", "ops", command, "--json"]
    done = subprocess.run(  # noqa: S603
        arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"ops {command} failed:\n{done.stderr}{done.stdout}")
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: list[str] | None = None) -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.socket_latency",
        description="Times sockets on MiniStack beside a bare echo API; prints a Markdown table.",
    )
    parser.add_argument(
        "--runs", type=int, default=_FEWEST_RUNS, help="samples of each figure, at least 50"
    )
    parser.add_argument(
        "--local-dir",
        type=Path,
        help="LOCAL_DIR of a running stack whose socketio section has session_persistence: true; "
        "without it a stack is brought up and taken down",
    )
    options = parser.parse_args(arguments)
    for table in run(Options(runs=options.runs), options.local_dir):
        print(table.markdown())
    print(surroundings())


if __name__ == "__main__":
    main()
