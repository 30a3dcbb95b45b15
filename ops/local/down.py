"""`ops down`: end the local stack, all its processes included."""

from __future__ import annotations

import argparse

from ops.emulator import ministack
from ops.local import front_process
from ops.local.lock import locked
from ops.output import JSON_OPTION, Output
from ops.settings import LocalSettings
from ops.stack import stack_file


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `down`."""
    parser = subparsers.add_parser("down", parents=[JSON_OPTION], help="stop the local stack")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Stop the stack of LOCAL_DIR; a stack that is not up is no error."""
    output = Output(args.json)
    settings = LocalSettings.from_environment()
    was_running = bring_down(settings)
    output.say(
        "The local stack is down." if was_running else f"No stack of {settings.local_dir} is up."
    )
    output.result({"was_running": was_running})
    return 0


def bring_down(settings: LocalSettings) -> bool:
    """End the stack and remove its temporary files; whether there was one.

    Raises Failure while an `up` or another `down` is at work in its folder.
    """
    if not settings.local_dir.is_dir():
        return False
    with locked(settings.local_dir):
        return _bring_down(settings)


def _bring_down(settings: LocalSettings) -> bool:
    front_process.shut_down(settings.local_dir)
    was_running = ministack.shut_down(settings.local_dir)
    stack_file.remove(settings.local_dir)
    return was_running
