"""What has to be there before a local stack is started."""

from __future__ import annotations

import shutil
from pathlib import Path

from ops.emulator import ministack
from ops.emulator.processes import require_free
from ops.failure import Failure
from ops.local.sam import BIN
from ops.settings import DEFAULT_PORT, LocalSettings


def require_tools(ministack_python: Path = ministack.PYTHON, bin_folder: Path = BIN) -> None:
    """Raise Failure unless sam, MiniStack and make can be run."""
    if not (bin_folder / "sam").exists() or not ministack_python.exists():
        raise Failure("The virtual environment is not complete", "Run: rm -rf .venv && make setup")
    if shutil.which("make") is None:
        raise Failure(
            "`make` is not installed; sam builds the layer with it",
            "Install it: `apt install make`, or `xcode-select --install` on macOS.",
        )


def require_folder(local_dir: Path) -> None:
    """Make the stack's folder, its user's alone; raise Failure if it cannot be written to.

    What functions log on this machine stands in it, and the code that they run.
    """
    try:
        local_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = local_dir / "probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Failure(
            f"{local_dir} cannot be written to: {error.strerror}", "Choose another LOCAL_DIR."
        ) from error


def choose_port(settings: LocalSettings) -> tuple[int, bool]:
    """The stack's port, and whether its MiniStack runs there already.

    Raises Failure when the port is taken, or when the stack runs on another one.
    """
    running = ministack.running(settings.local_dir)
    if running is None:
        port = settings.port or DEFAULT_PORT
        require_free(port)
        return port, False
    if settings.port not in {None, running}:
        raise Failure(
            f"The stack in {settings.local_dir} runs on port {running}",
            "Run `make down` first, or give the second stack a folder: LOCAL_DIR=.local2",
        )
    return running, True
