"""Fresh processes of Lambda functions: how long until the first answer, and what it takes."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.stand_ins import RuntimeApi, server
from ops import ROOT

#: The interpreter of what is compared, and of awslambdaric.
PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"
DRIVER = Path(__file__).parent / "driver.py"
_PATIENCE = 60.0  # seconds


class Function(NamedTuple):
    """A Lambda function as it is deployed: its folder, its layer if it has one, its environment."""

    folder: Path
    layer: Path | None = None
    environment: Mapping[str, str] = {}


class Sample(NamedTuple):
    """One process: seconds of the clock and of the processor, memory at its peak (bytes)."""

    wall: float
    cpu: float
    peak: int


class Failed(Exception):
    """A function did not answer as it must."""


def plain(function: Function, event: bytes, status: int) -> Sample:
    """The interpreter and the function alone, until its first answer, which has to be `status`."""
    started = time.perf_counter()
    said = _driven(function, event, status, 1)
    return Sample(time.perf_counter() - started, said["total"], said["peak"])


def warm(function: Function, event: bytes, status: int, times: int) -> float:
    """Processor time of one event among `times` (seconds)."""
    each: float = _driven(function, event, status, times)["each"]
    return each


def through_runtime(function: Function, event: bytes, status: int) -> Sample:
    """The same through awslambdaric, Lambda's own client of its Runtime API."""
    api = RuntimeApi(event)
    with server(api.respond) as address:
        started = time.perf_counter()
        command = ["-m", "awslambdaric", "app.handler"]
        process = _start(function, command, {"AWS_LAMBDA_RUNTIME_API": address})
        try:
            if not api.wait(_PATIENCE):
                raise Failed(f"{function.folder.name}: no answer in {_PATIENCE} s")
            wall = time.perf_counter() - started
            peak = _peak(process.pid)
        finally:
            process.kill()
            api.close()
            usage = os.wait4(process.pid, 0)[2]
            process.returncode = 0
    if api.answer.get("statusCode") != status:
        raise Failed(f"{function.folder.name}: {api.answer}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, peak)


def interleaved[T](samples: Mapping[str, Callable[[], T]], runs: int) -> dict[str, list[T]]:
    """Samples of everything, one after the other, `runs` times after a first one that is left out.

    So whatever else the machine does meets all of them.
    """
    for sample in samples.values():
        sample()
    taken: dict[str, list[T]] = {name: [] for name in samples}
    for _ in range(runs):
        for name, sample in samples.items():
            taken[name].append(sample())
    return taken


def _driven(function: Function, event: bytes, status: int, times: int) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(event)
        file.flush()
        process = _start(function, [str(DRIVER), file.name, str(times)], {})
        output, _ = process.communicate()
    said: dict[str, Any] = json.loads(output) if process.returncode == 0 else {}
    if said.get("status") != status:
        raise Failed(f"{function.folder.name}: {said or process.returncode}")
    return said


def _start(
    function: Function, arguments: Sequence[str], variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "PYTHONDONTWRITEBYTECODE": "1",  # on Lambda a function's folder is read-only
        "PYTHONPATH": str(function.layer or ""),
        **function.environment,
        **variables,
    }
    return subprocess.Popen(  # noqa: S603
        [str(PYTHON), *arguments],
        cwd=function.folder,
        env={name: value for name, value in environment.items() if value},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return 0
    lines = status.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
