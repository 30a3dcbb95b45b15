"""Local stacks for the end-to-end tests, brought up and down as a user does it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from ops import ROOT
from ops.local import sam
from ops.stack.stack_file import StackFile


@dataclass(frozen=True)
class LocalRun:
    """A local stack's folder and port, and the commands on it."""

    local_dir: Path
    port: int

    def environment(self, **variables: str) -> dict[str, str]:
        """The environment of a command on this stack, and no other settings of the user's."""
        ours = {"LOCAL_DIR": str(self.local_dir), "PORT": str(self.port)}
        others = {"CREDENTIALS", "PARAMETERS", "PRUNE"}
        kept = {k: v for k, v in os.environ.items() if k not in others}
        return kept | ours | variables

    def ops(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m ops` to its end."""
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "ops", *arguments],
            cwd=ROOT,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self, **variables: str) -> StackFile:
        """Bring the stack up, or up to date."""
        done = self.ops("up", "--json", **variables)
        assert done.returncode == 0, done.stderr + done.stdout
        return StackFile(**json.loads(done.stdout))

    def down(self) -> dict[str, Any]:
        """Stop it."""
        done = self.ops("down", "--json")
        assert done.returncode == 0, done.stderr + done.stdout
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def processes(self) -> list[psutil.Process]:
        """All processes that this stack has running: MiniStack, functions, sam and make."""
        folder = str(self.local_dir)
        return [each for each in psutil.process_iter() if _belongs(each, folder)]


def _belongs(process: psutil.Process, folder: str) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return any(folder in text for text in [*process.cmdline(), *process.environ().values()])
    except psutil.Error:  # ended meanwhile, or another user's
        return False


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `sam build` makes of the template, made once for all xdist workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done := folder / "done").exists():
            sam.build(folder, {"Architecture": sam.architecture()})
            done.touch()
    return folder


@pytest.fixture(scope="session")
def bare_local_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], LocalRun]]:
    """Makes stacks of their own folder and port; none of them outlives the tests."""
    made: list[LocalRun] = []

    def make() -> LocalRun:
        run = LocalRun(tmp_path_factory.mktemp("local"), free_port())
        made.append(run)
        return run

    yield make
    for run in made:
        run.ops("down")


@pytest.fixture(scope="session")
def new_local_run(bare_local_run: Callable[[], LocalRun], built: Path) -> Callable[[], LocalRun]:
    """`bare_local_run` with the layer in sam's cache, as after an earlier `up`."""

    def make() -> LocalRun:
        run = bare_local_run()
        shutil.copytree(built / "cache", run.local_dir / "cache")
        shutil.copy(built / "build.toml", run.local_dir)
        return run

    return make


@pytest.fixture(scope="session")
def local_run(bare_local_run: Callable[[], LocalRun]) -> LocalRun:
    """The session's stack, not yet up and never built: `stack` brings it up."""
    return bare_local_run()


@pytest.fixture(scope="session")
def stack(local_run: LocalRun) -> StackFile:
    """The session's stack, up with the demo assistant and the channels that need no secret."""
    return local_run.up()
