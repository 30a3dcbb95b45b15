"""Two commands that change one stack at once: the second is told of the first."""

import os
import signal
import subprocess
import sys

import pytest

from ops import ROOT
from ops.failure import Failure
from ops.local import preflight
from ops.local.down import bring_down
from ops.local.lock import locked
from ops.local.up import bring_up
from ops.output import Output
from ops.settings import LocalSettings

HOLDER = """
import sys, time
from pathlib import Path
from ops.local.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of a folder."""
    process = subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def settings(folder):
    return LocalSettings(port=None, local_dir=folder, credentials=None, parameters={})


@pytest.mark.parametrize(
    "command", [lambda given: bring_up(given, Output()), bring_down], ids=["up", "down"]
)
def test_the_second_is_told_who_is_at_work_and_touches_nothing(tmp_path, holder, command):
    (tmp_path / "stack.json").write_text("{}")
    with pytest.raises(Failure) as refused:
        command(settings(tmp_path))
    assert refused.value.cause.startswith(f"process {holder.pid}: {sys.executable}")
    assert refused.value.cause.endswith(f"is changing the stack in {tmp_path}")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lock", "stack.json"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_of_a_process_that_has_ended_is_taken_over(tmp_path, holder, number):
    holder.send_signal(number)
    holder.wait()
    with locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / "lock").read_text()


def test_the_lock_is_released_at_the_end_and_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        1 / 0  # noqa: B018
    with locked(tmp_path):
        pass


def test_what_is_started_does_not_inherit_the_lock(tmp_path):
    with locked(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with locked(tmp_path):
        child.communicate(b"\n")


def test_another_folder_has_another_lock(tmp_path, holder):
    preflight.require_folder(tmp_path / "other")
    with locked(tmp_path / "other"):
        pass


def test_down_makes_no_folder(tmp_path):
    assert bring_down(settings(tmp_path / "none")) is False
    assert list(tmp_path.iterdir()) == []
