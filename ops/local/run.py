"""`ops run`: the local stack in the foreground, with what its functions write."""

from __future__ import annotations

import argparse
import time

from ops.local.announcement import announce
from ops.local.down import bring_down
from ops.local.up import bring_up
from ops.output import JSON_OPTION, Output
from ops.settings import LocalSettings
from ops.stack.aws import local_stack
from ops.stack.deployment import describe
from ops.stack.logs import follow, log_groups
from ops.stack.stack_file import StackFile


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `run`."""
    parser = subparsers.add_parser(
        "run", parents=[JSON_OPTION], help="`up`, then the logs until Ctrl-C, then `down`"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the stack until Ctrl-C, which is its ordinary end."""
    output = Output(args.json)
    settings = LocalSettings.from_environment()
    stack = bring_up(settings, output)
    try:
        announce(stack, output)
        _follow_logs(stack, output)
    except KeyboardInterrupt:
        output.say("Stopping")
    finally:
        bring_down(settings)
    output.say("The local stack is down.")
    return 0


def _follow_logs(found: StackFile, output: Output) -> None:
    stack = local_stack(found.stack_name, found.endpoint_url)
    client = stack.session.client("logs", endpoint_url=stack.endpoint_url)
    groups = log_groups(stack, describe(stack).functions)
    output.say("Logs of its functions follow; Ctrl-C stops the stack.")
    for function, line in follow(client, groups, since=time.time()):
        output.say(f"{function}: {line}")
