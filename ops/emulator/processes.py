"""Processes that outlive a command: started in a group of their own, found again, ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from ops.failure import Failure

_SHOWN = 70  # characters of another program's command line
_OTHER = "another program"
_SAME_START = 0.05  # seconds; start times are read back from text

#: Children of this process, by id: kept because one that has ended stays a zombie until waited for.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class ProcessRecord:
    """A process that leads its own group.

    The start time tells it from a stranger that was given the same id later.
    """

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> ProcessRecord:
        """The record of a living process."""
        return cls(pid, psutil.Process(pid).create_time())

    def write(self, path: Path) -> None:
        """Keep the record in a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> ProcessRecord | None:
        """The record in a file if its process still lives, else None."""
        try:
            record = cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return record if record.process() else None

    def process(self) -> psutil.Process | None:
        """The process, None when it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _SAME_START
        except psutil.NoSuchProcess:
            return None
        return process if same and _lives(process) else None


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Let a step that must not stop half-way finish; an interrupt in it is raised at its end."""
    received: list[int] = []
    previous = {
        number: signal.signal(number, lambda number, frame: received.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if received:
        raise KeyboardInterrupt


def start(
    command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path
) -> ProcessRecord:
    """Start a process in a session of its own, which a terminal's Ctrl-C does not reach."""
    try:
        with interrupts_deferred():
            child = _spawn(command, environment, log, folder)
            _children[child.pid] = child
            record = ProcessRecord.of(child.pid)
    except KeyboardInterrupt:
        stop(record)
        raise
    return record


def stop(record: ProcessRecord, grace: float = 10.0) -> None:
    """End a process, its group and all its descendants.

    They are asked first, and killed when they have not ended after `grace` seconds.
    """
    process = record.process()
    if process is None:
        return
    everyone = [process, *process.children(recursive=True)]
    _signal_group(record.pid, signal.SIGTERM)
    _wait(everyone, grace)
    # Whoever joined the group meanwhile, and whoever left it for a session of its own.
    _signal_group(record.pid, signal.SIGKILL)
    for survivor in filter(_lives, everyone):
        survivor.kill()
    _wait(everyone, grace)
    if child := _children.pop(record.pid, None):
        child.wait()


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path) -> int:
    """Run a command to its end with its output in `log`; its exit status.

    Interrupted, it ends the command and everything the command started.
    """
    record = start(command, environment, log, folder)
    try:
        return _children[record.pid].wait()
    except BaseException:
        stop(record)
        raise
    finally:
        _children.pop(record.pid, None)


def require_free(port: int) -> None:
    """Raise Failure, with the name of who holds it, unless `port` can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise Failure(f"Port {port} needs root", "Choose one above 1023: PORT=4567") from error
        except OSError as error:
            raise Failure(
                f"Port {port} is taken by {_listener(port)}",
                f"End that program, or choose another port: PORT={port + 1}",
            ) from error


def described(process: psutil.Process | None) -> str:
    """A process by its id and command line, `another program` where it cannot be told."""
    try:
        return (
            f"process {process.pid}: {' '.join(process.cmdline())[:_SHOWN]}" if process else _OTHER
        )
    except psutil.Error:
        return _OTHER


def last_lines(log: Path, count: int = 15) -> list[str]:
    """The end of a log, blank lines left out."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.rstrip() for line in lines if line.strip()][-count:]


def _spawn(
    command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _listener(port: int) -> str:
    try:
        pids = [
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
        ]
        return described(psutil.Process(next(pid for pid in pids if pid)))
    except (psutil.Error, StopIteration):  # another user's process, or macOS without root
        return described(None)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(processes: Sequence[psutil.Process], seconds: float) -> None:
    end = time.monotonic() + seconds
    while any(map(_lives, processes)) and time.monotonic() < end:
        time.sleep(0.05)


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # all of it has ended
