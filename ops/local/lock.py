"""One `up` or `down` at a time in a local stack's folder: both change what the other relies on."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.emulator.processes import ProcessRecord, described
from ops.failure import Failure

FILE = "lock"


@contextmanager
def locked(local_dir: Path) -> Iterator[None]:
    """Hold a folder's lock; raises Failure, with who holds it, where another process does.

    The system releases the lock of a process that has ended, however it ended.
    """
    path = local_dir / FILE
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = ProcessRecord.read(path)
            process = holder.process() if holder else None
            raise Failure(
                f"{described(process)} is changing the stack in {local_dir}",
                "Wait for its end, or give the second stack a folder: LOCAL_DIR=.local2",
            ) from error
        ProcessRecord.of(os.getpid()).write(path)
        yield
