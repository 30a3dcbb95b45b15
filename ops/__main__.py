"""`python -m ops COMMAND`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from ops.credentials import command as credentials
from ops.diagnosis import doctor
from ops.erasure import forget
from ops.events import capture, replay
from ops.failure import Failure, aws_failure
from ops.letters import queue, redrive
from ops.local import down, run, up
from ops.output import Output
from ops.registration import register
from ops.scaffold import channel
from ops.shell import command as shell
from ops.tracing import trace

_COMMANDS = (
    up,
    down,
    run,
    shell,
    credentials,
    register,
    doctor,
    channel,
    trace,
    queue,
    redrive,
    replay,
    capture,
    forget,
)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    root = argparse.ArgumentParser(prog="python -m ops", description="Run and operate the stack.")
    subparsers = root.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what it was asked, 1 with the cause on stderr when not."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    args = parser().parse_args(arguments)
    try:
        status: int = args.run(args)
        return status
    except Failure as failure:
        return _fail(args, failure)
    except (BotoCoreError, ClientError) as error:
        return _fail(args, aws_failure(error))
    except KeyboardInterrupt:
        return _fail(args, Failure("Interrupted"))


def _fail(args: argparse.Namespace, failure: Failure) -> int:
    Output(getattr(args, "json", False)).failure(failure)
    return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    # A closed terminal and `kill` end a command as Ctrl-C does: with its clean-up.
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
