"""MiniStack, the AWS emulator of the local stack: its process and its folder."""

from __future__ import annotations

import os
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path

from ops import ROOT
from ops.emulator.processes import ProcessRecord, interrupts_deferred, last_lines, start, stop
from ops.failure import Failure

PYTHON = ROOT / ".venv" / "ministack" / "bin" / "python"
LOG = "ministack.log"
_RECORD = "ministack.json"
_PORT = "port"
_READY_WITHIN = 60.0  # seconds

#: Functions that run at once: a burst would start a process of 45 MB for each of its requests.
CONCURRENCY = 16


def endpoint(port: int) -> str:
    """The AWS endpoint of a MiniStack."""
    return f"http://127.0.0.1:{port}"


def environment(local_dir: Path, port: int, concurrency: int = CONCURRENCY) -> dict[str, str]:
    """The whole environment of a MiniStack, and so of the functions it runs.

    Nothing of the user's comes in: a function would see it here and miss it on Lambda.
    """
    return {
        "PATH": os.defpath,
        "HOME": str(local_dir / "home"),
        "TMPDIR": str(local_dir / "tmp"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",  # it runs whatever code is uploaded: not for the network
        "AUTH": "true",  # functions have their roles' rights and no others, as on AWS
        "LAMBDA_ACCOUNT_CONCURRENCY": str(concurrency),
        "IOT_MTLS_ENABLED": "0",  # else port 8883 is taken
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{local_dir / 'no-docker'}",  # the user's containers are not ours
    }


def running(local_dir: Path) -> int | None:
    """The port of the MiniStack that `launch` started for this folder, None when it has ended."""
    if ProcessRecord.read(local_dir / _RECORD) is None:
        return None
    return int((local_dir / _PORT).read_text(encoding="ascii"))


def launch(local_dir: Path, port: int, concurrency: int = CONCURRENCY) -> None:
    """Start a MiniStack and wait until it answers; raises Failure, with nothing left running.

    `concurrency` is how many functions it runs at once.
    """
    for folder in ("home", "tmp"):
        (local_dir / folder).mkdir(parents=True, exist_ok=True)
    (local_dir / _PORT).write_text(str(port), encoding="ascii")
    command = [str(PYTHON), "-m", "ministack"]
    with interrupts_deferred():
        variables = environment(local_dir, port, concurrency)
        record = start(command, variables, local_dir / LOG, local_dir)
        record.write(local_dir / _RECORD)
    try:
        _await_health(record, local_dir, port)
    except BaseException:
        shut_down(local_dir)
        raise


def shut_down(local_dir: Path) -> bool:
    """End a folder's MiniStack, its functions and their files; False when none was running."""
    with interrupts_deferred():
        record = ProcessRecord.read(local_dir / _RECORD)
        if record is not None:
            stop(record)
        for name in (_RECORD, _PORT):
            (local_dir / name).unlink(missing_ok=True)
        for folder in ("home", "tmp"):
            shutil.rmtree(local_dir / folder, ignore_errors=True)
    return record is not None


def _await_health(record: ProcessRecord, local_dir: Path, port: int) -> None:
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end:
        if record.process() is None:
            break
        try:
            with urllib.request.urlopen(f"{endpoint(port)}/_ministack/health", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Failure(
        "MiniStack did not start",
        f"Its whole log is {local_dir / LOG}.",
        last_lines(local_dir / LOG),
    )
