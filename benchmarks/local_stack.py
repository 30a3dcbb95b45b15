"""Local stacks for benchmarks, brought up as a user does it and ended with the benchmark."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops import ROOT
from ops.emulator import ministack
from ops.stack.stack_file import StackFile


@contextmanager
def local_stack(
    credentials: Mapping[str, dict[str, Any]], parameters: Mapping[str, str], concurrency: int
) -> Iterator[StackFile]:
    """A stack of its own, for the length of the block; RuntimeError when it does not come up.

    `concurrency` is how many functions it runs at once.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stack, port = folder / "stack", free_port()
        stack.mkdir()
        path = folder / "credentials.yml"
        path.write_text(json.dumps(credentials), encoding="utf-8")  # JSON is YAML
        variables = {
            "LOCAL_DIR": str(stack),
            "PORT": str(port),
            "CREDENTIALS": str(path),
            "PARAMETERS": " ".join(f"{key}={value}" for key, value in parameters.items()),
        }
        ministack.launch(stack, port, concurrency)
        try:
            yield StackFile(**json.loads(_ops(variables, "up", "--json")))
        finally:
            _ops(variables, "down", "--json")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ops(variables: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "ops", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"ops {arguments[0]}: {done.stderr}{done.stdout}")
    return done.stdout
