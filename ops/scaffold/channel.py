"""`ops channel new`: the files of a custom channel, ready to be changed."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path

from channels.wiring.registry import BUILT_IN, NOT_CHANNELS
from ops import ROOT
from ops.failure import Failure
from ops.output import JSON_OPTION, Output

_SCAFFOLD = Path(__file__).parent
_NAME, _CLASS = "my_channel", "MyChannel"
_VALID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40
_DESCRIPTION = """\
Write a custom channel that works: JSON messages in, the bot's answers to a URL.

  layers/channels/addons/NAME.py   the connector, with the methods that a channel has
  events/NAME/                     its requests, for tests (`sam local` has no credentials for it)
  tests/addons/test_NAME.py        its test; the contract tests of all channels cover it too

It is served under /webhooks/NAME once its section is in your credentials;
docs/custom-channels.md explains the connector.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `channel` and its command."""
    parser = subparsers.add_parser("channel", help="channels of your own")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser(
        "new",
        parents=[JSON_OPTION],
        help="write connector, test and events of a new channel",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    new.add_argument(
        "name",
        metavar="NAME",
        help=f"lower-case letters, digits and _, such as {_NAME} (at most {_LONGEST} characters)",
    )
    new.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the files and say what comes next."""
    output = Output(args.json)
    written = write(args.name, ROOT)
    section = f"addons.{args.name}.{class_name(args.name)}"
    for path in written:
        output.say(f"  wrote {path}")
    output.say(f"Test it: make test-channel CHANNEL={args.name}")
    output.say(f"Serve it: add the section '{section}' to your credentials, then `make up`.")
    output.say(f"Its URL is <HttpApiUrl>/webhooks/{args.name}/webhook.")
    output.result({"name": args.name, "section": section, "written": list(map(str, written))})
    return 0


def class_name(name: str) -> str:
    """The connector's class: `my_channel` is MyChannel."""
    return "".join(word.capitalize() for word in name.split("_"))


def write(name: str, root: Path) -> list[Path]:
    """Write a channel's files below `root`; their paths relative to it.

    Raises Failure, with nothing written, for a name that cannot be one or that is in use.
    """
    _check(name)
    files = {_target(source, name): source for source in _sources()}
    taken = [path for path in _taken(name) if (root / path).exists()]
    if taken:
        raise Failure(
            f"'{name}' is there already: {', '.join(map(str, taken))}",
            "Take another name, or remove these first.",
        )
    for path, source in files.items():
        text = source.read_text(encoding="utf-8")
        text = text.replace(_NAME, name).replace(_CLASS, class_name(name))
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return list(files)


def _check(name: str) -> None:
    if not _VALID.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(name):
        raise Failure(
            f"'{name}' cannot be a channel's name",
            f"It is a Python module and part of a URL: lower-case letters, digits and single _, "
            f"beginning with a letter, at most {_LONGEST} characters.",
        )
    if name in BUILT_IN:
        raise Failure(f"'{name}' is a built-in channel", "Take another name.")
    if name in NOT_CHANNELS:
        raise Failure(
            f"'{name}' is a section of credentials.yml that is no channel", "Take another name."
        )


def _sources() -> list[Path]:
    events = sorted((_SCAFFOLD / "events").glob("*.json"))
    return [_SCAFFOLD / f"{_NAME}.py", _SCAFFOLD / f"test_{_NAME}.py", *events]


def _target(source: Path, name: str) -> Path:
    if source.suffix == ".json":
        return Path("events", name, source.name)
    if source.stem == _NAME:
        return Path("layers", "channels", "addons", f"{name}.py")
    return Path("tests", "addons", f"test_{name}.py")


def _taken(name: str) -> list[Path]:
    package = Path("layers", "channels", "addons", name)
    test = Path("tests", "addons", f"test_{name}.py")
    return [package.with_suffix(".py"), package, test, Path("events", name)]
