import os
import signal
import socket
import sys
import time

import psutil
import pytest

from ops.emulator.processes import (
    ProcessRecord,
    interrupts_deferred,
    last_lines,
    require_free,
    run,
    start,
    stop,
)
from ops.failure import Failure

ENVIRONMENT = {"PATH": os.defpath}

#: A parent with one child in its group and one in a session of its own; all ignore SIGTERM.
STUBBORN_FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
children = [subprocess.Popen(sleep), subprocess.Popen(sleep, start_new_session=True)]
print("ready", *[child.pid for child in children], flush=True)
time.sleep(600)
"""


def await_line(log):
    end = time.monotonic() + 30
    while not (text := log.read_text()).endswith("\n"):
        assert time.monotonic() < end
        time.sleep(0.02)
    return text.split()


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def sleeper(tmp_path):
    command = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(600)"]
    record = start(command, ENVIRONMENT, tmp_path / "log", tmp_path)
    await_line(tmp_path / "log")
    yield record
    stop(record)


def test_a_process_is_found_again_by_its_record(sleeper, tmp_path):
    sleeper.write(tmp_path / "record")
    found = ProcessRecord.read(tmp_path / "record")
    assert found is not None
    assert found.pid == sleeper.pid
    stop(found)
    assert is_gone(sleeper.pid)
    assert ProcessRecord.read(tmp_path / "record") is None


def test_a_stranger_with_the_same_id_is_left_alone(sleeper, tmp_path):
    stranger = ProcessRecord(sleeper.pid, sleeper.started - 60)
    stranger.write(tmp_path / "record")
    assert ProcessRecord.read(tmp_path / "record") is None
    stop(stranger)
    assert not is_gone(sleeper.pid)


@pytest.mark.parametrize("text", ["", "{}", "1", '{"pid": 1}'])
def test_a_broken_record_is_no_process(tmp_path, text):
    (tmp_path / "record").write_text(text)
    assert ProcessRecord.read(tmp_path / "record") is None


def test_a_missing_record_is_no_process(tmp_path):
    assert ProcessRecord.read(tmp_path / "record") is None


def test_stop_kills_those_who_ignore_it_and_those_who_left_the_group(tmp_path):
    log = tmp_path / "log"
    record = start([sys.executable, "-c", STUBBORN_FAMILY], ENVIRONMENT, log, tmp_path)
    _, *children = await_line(log)
    stop(record, grace=0.5)
    assert [is_gone(pid) for pid in (record.pid, *map(int, children))] == [True] * 3


def test_a_started_process_is_beyond_the_terminal_s_ctrl_c(sleeper):
    assert os.getpgid(sleeper.pid) == os.getsid(sleeper.pid) == sleeper.pid


def test_run_gives_the_status_and_logs_what_was_said(tmp_path):
    said = "import os, sys; print('out', os.getcwd()); print('err', file=sys.stderr); sys.exit(3)"
    log = tmp_path / "log"
    assert run([sys.executable, "-c", said], ENVIRONMENT, log, tmp_path) == 3
    assert sorted(last_lines(log)) == ["err", f"out {tmp_path.resolve()}"]


def test_an_interrupted_run_ends_what_it_runs(tmp_path):
    log = tmp_path / "log"
    interrupting = (
        "import os, signal, time; print(os.getpid(), flush=True);"
        "os.kill(os.getppid(), signal.SIGINT); time.sleep(600)"
    )
    with pytest.raises(KeyboardInterrupt):
        run([sys.executable, "-c", interrupting], ENVIRONMENT, log, tmp_path)
    assert is_gone(int(log.read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_waits_for_the_end_of_a_step(number):
    before = signal.getsignal(number)
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_deferred():
        os.kill(os.getpid(), number)
        done.append("the whole step")
    assert done
    assert signal.getsignal(number) == before


def test_a_taken_port_is_refused_with_its_holder():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Failure, match=f"Port {port} is taken by process {os.getpid()}: "):
            require_free(port)
    require_free(port)


def test_last_lines(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"first\n\n  second  \n\xff\n\n")
    assert last_lines(log) == ["first", "  second", "\ufffd"]
    assert last_lines(log, 1) == ["\ufffd"]
