"""`ops capture`: the requests that a stack's webhooks have captured."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ops.events.event_files import event_text
from ops.failure import Failure
from ops.output import JSON_OPTION, Output
from ops.stack.aws import choose_stack
from ops.stack.captures import Capture, Captures
from ops.stack.resources import STACK_OPTIONS, Resources
from ops.wording import clock, iso

_DESCRIPTION = """\
Requests that came to the webhooks while the template's parameter CaptureEvents is on (or
with-text): as events, for `python -m ops replay` and for tests. They are kept for 24 hours, without
secrets, and without what users wrote unless with-text. The id is API Gateway's, as in its access
log.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `capture` and its three commands."""
    parser = subparsers.add_parser(
        "capture", help="requests that the webhooks have captured", description=_DESCRIPTION
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listed = commands.add_parser(
        "list", parents=[STACK_OPTIONS, JSON_OPTION], help="what there is, the latest first"
    )
    listed.add_argument("--channel", help="only this channel (default: all)")
    listed.set_defaults(run=run, action=_list)
    shown = commands.add_parser(
        "show", parents=[STACK_OPTIONS, JSON_OPTION], help="print one as an event"
    )
    saved = commands.add_parser(
        "save", parents=[STACK_OPTIONS, JSON_OPTION], help="write one to a file, as an event"
    )
    for command in (shown, saved):
        command.add_argument("id", metavar="ID", help="its id, as `capture list` shows it")
        command.set_defaults(run=run, channel=None)
    shown.set_defaults(action=_show)
    saved.set_defaults(action=_save)
    saved.add_argument("file", type=Path, metavar="FILE", help="a file that is not there yet")


def run(args: argparse.Namespace) -> int:
    """Run the chosen command."""
    stack = choose_stack(args.stack_name, args.region)
    captures = Captures.of_stack(stack, Resources(stack), args.channel)
    args.action(args, captures, Output(args.json))
    return 0


def _list(args: argparse.Namespace, captures: Captures, output: Output) -> None:
    found = list(captures)
    output.table(
        ("time (UTC)", "channel", "id", "answer", "senders", ""),
        [
            (
                clock(each.at),
                each.channel,
                each.id,
                str(each.status),
                ", ".join(each.senders),
                "without its body" if each.left_out else "",
            )
            for each in found
        ],
    )
    if not found:
        output.say("Nothing was captured in the last 24 hours (parameter CaptureEvents).")
    output.result({"captured": [_document(each) for each in found]})


def _show(args: argparse.Namespace, captures: Captures, output: Output) -> None:
    capture = captures.get(args.id)
    if not args.json:
        output.say(event_text(capture.event).rstrip())
    output.result({**_document(capture), "event": capture.event})


def _save(args: argparse.Namespace, captures: Captures, output: Output) -> None:
    event = captures.event(args.id)
    path: Path = args.file
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(event_text(event))
    except FileExistsError as error:
        raise Failure(f"{path} is there already", "Take another name.") from error
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from error
    output.say(f"wrote {path}")
    output.result({"id": args.id, "file": str(path)})


def _document(capture: Capture) -> dict[str, Any]:
    return {
        "id": capture.id,
        "channel": capture.channel,
        "at": iso(capture.at),
        "status": capture.status,
        "senders": capture.senders,
        "left_out": capture.left_out,
    }
