"""`ops channel new`: a new channel that works as it is, ready to be changed."""

from __future__ import annotations

import argparse

from ops import ROOT
from ops.failure import Failure
from ops.output import JSON_OPTION, Output
from ops.scaffold import built_in, custom
from ops.scaffold.names import class_name

_DESCRIPTION = """\
Write a custom channel that works: JSON messages in, the bot's answers to a URL.

  layers/channels/addons/NAME.py   the connector, with the methods that a channel has
  events/NAME/                     its requests, for tests (`sam local` has no credentials for it)
  tests/addons/test_NAME.py        its test; the contract tests of all channels cover it too

It is served under /webhooks/NAME once its section is in your credentials;
docs/custom-channels.md explains the connector.

With --built-in, write a channel of this project that works: signed webhooks in, calls of the
platform's API out.

  layers/channels/channels/NAME/   settings, input, output, api
  functions/NAME/  events/NAME/    its Lambda and its requests
  ops/platforms/NAME/              how to sign, to renew and to register
  tests/channels/NAME/ and others  what the tests of all channels need, and its own
  docs/channels/NAME.md            its page

and its lines in the shared files, such as template.yaml; docs/adding-a-channel.md is the checklist.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `channel` and its command."""
    parser = subparsers.add_parser("channel", help="new channels: of your own, or built in")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser(
        "new",
        parents=[JSON_OPTION],
        help="write connector, tests and events of a new channel",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    new.add_argument(
        "name",
        metavar="NAME",
        help="lower-case letters, digits and _, such as my_channel (at most "
        f"{custom.LONGEST} characters, {built_in.LONGEST} with --built-in)",
    )
    new.add_argument("--built-in", action="store_true", help="for everybody, in this repository")
    new.add_argument(
        "--title",
        default="",
        help="with --built-in: what people call the platform (default: made of NAME)",
    )
    new.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the files and say what comes next."""
    output = Output(args.json)
    if args.built_in:
        _write_built_in(args, output)
    elif args.title:
        raise Failure("--title is for --built-in", "Leave it out, or add --built-in.")
    else:
        _write_custom(args, output)
    return 0


def _write_custom(args: argparse.Namespace, output: Output) -> None:
    written = custom.write(args.name, ROOT)
    section = f"addons.{args.name}.{class_name(args.name)}"
    for path in written:
        output.say(f"  wrote {path}")
    output.say(f"Test it: make test-channel CHANNEL={args.name}")
    output.say(f"Serve it: add the section '{section}' to your credentials, then `make up`.")
    output.say(f"Its URL is <HttpApiUrl>/webhooks/{args.name}/webhook.")
    output.result({"name": args.name, "section": section, "written": list(map(str, written))})


def _write_built_in(args: argparse.Namespace, output: Output) -> None:
    written = built_in.write(args.name, args.title, ROOT)
    left = built_in.left(args.name, args.title)
    for path in written.new:
        output.say(f"  wrote {path}")
    for path in written.changed:
        output.say(f"  put its lines into {path}")
    output.say(f"Test it: python -m pytest -k {args.name}")
    output.say("Left to you (docs/adding-a-channel.md has the checklist):")
    for each in left:
        output.say(f"  - {each}")
    output.result(
        {
            "name": args.name,
            "section": args.name,
            "written": list(map(str, written.new)),
            "changed": list(map(str, written.changed)),
            "left": left,
        }
    )
