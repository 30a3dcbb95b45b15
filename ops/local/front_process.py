"""The process of the local stack's `socket_front`: started and ended with the stack."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path

from ops import ROOT
from ops.emulator.processes import ProcessRecord, interrupts_deferred, last_lines, start, stop
from ops.failure import Failure

LOG = "socket_front.log"
_RECORD = "socket_front.json"
_ADDRESSES = "socket_front_addresses.json"
_READY_WITHIN = 30.0  # seconds
_BESIDE = 1000  # its port is the stack's and this, where that is free
_HIGHEST_PORT = 65535


def launch(local_dir: Path, stack_port: int, http_url: str, websocket_url: str) -> str:
    """Have a front of these addresses running; gives its own.

    One that runs already is kept. Raises Failure, with nothing left running.
    """
    known = _read(local_dir / _ADDRESSES)
    if ProcessRecord.read(local_dir / _RECORD) and known[1:] == [http_url, websocket_url]:
        return _url(int(known[0]))
    shut_down(local_dir)
    port = _free_port(stack_port + _BESIDE)
    addresses = [str(port), http_url, websocket_url]
    command = [sys.executable, "-m", "ops.local.socket_front", *addresses]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "TMPDIR": str(local_dir / "tmp")}
    with interrupts_deferred():
        record = start(command, environment, local_dir / LOG, ROOT)
        record.write(local_dir / _RECORD)
        (local_dir / _ADDRESSES).write_text(json.dumps(addresses), encoding="utf-8")
    try:
        _await_port(record, local_dir, port)
    except BaseException:
        shut_down(local_dir)
        raise
    return _url(port)


def shut_down(local_dir: Path) -> None:
    """End a folder's front, if one is running."""
    with interrupts_deferred():
        record = ProcessRecord.read(local_dir / _RECORD)
        if record is not None:
            stop(record)
        for name in (_RECORD, _ADDRESSES):
            (local_dir / name).unlink(missing_ok=True)


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _read(path: Path) -> list[str]:
    try:
        addresses: list[str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return addresses


def _free_port(wanted: int) -> int:
    """`wanted`, or another one where that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted if wanted <= _HIGHEST_PORT else 0))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(record: ProcessRecord, local_dir: Path, port: int) -> None:
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end and record.process() is not None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise Failure(
        "The front of the sockets did not start",
        f"Its whole log is {local_dir / LOG}.",
        last_lines(local_dir / LOG),
    )
