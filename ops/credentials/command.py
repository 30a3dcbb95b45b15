"""`ops credentials`: check a credentials file, write it to a stack, list what a stack has.

Values are read and written, never shown.
"""

from __future__ import annotations

import argparse
import stat
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from channels.errors import CredentialsError
from channels.wiring.credentials import (
    Credentials,
    Problem,
    agent_problem,
    load_credentials,
    problems,
    section_of,
    stored,
)
from channels.wiring.registry import BUILT_IN, NOT_CHANNELS
from ops import ROOT
from ops.credentials.chosen_file import DEFAULT, choose, remember, remembered_by_running
from ops.credentials.encryption import credentials_key
from ops.credentials.parameter_store import Change, ParameterStore
from ops.credentials.registered_settings import faults, unregistered
from ops.failure import Failure
from ops.output import JSON_OPTION, Output
from ops.settings import LocalSettings
from ops.stack.aws import Stack, choose_stack
from ops.stack.deployment import describe, renew_environments
from ops.stack.resources import STACK_OPTIONS
from ops.stack.site import parameters_if_deployed

EXAMPLE_FILE = ROOT / "credentials.example.yml"
REGISTER = "python -m ops register"

_AGENT = "agent"
_OWN_AGENT = (
    "An agent of your own may have keys of its own in section 'agent': the stack's parameter Agent "
    'names it; before there is a stack, PARAMETERS="Agent=addons.my_agent:MyAgent".'
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `credentials` and its three commands."""
    parser = subparsers.add_parser("credentials", help="the channels' credentials on a stack")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    file = argparse.ArgumentParser(add_help=False)
    file.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="credentials file (default: CREDENTIALS, else the file that the running local stack "
        f"was given before, else {DEFAULT})",
    )
    push = commands.add_parser(
        "push",
        parents=[file, STACK_OPTIONS, JSON_OPTION],
        help="write a file's sections to a stack",
    )
    push.add_argument(
        "--prune", action="store_true", help="remove from the stack what the file does not have"
    )
    push.set_defaults(run=run, action=_push)
    check = commands.add_parser("check", parents=[file, JSON_OPTION], help="validate a file")
    check.set_defaults(run=run, action=_check, stack_name=None)
    show = commands.add_parser(
        "list",
        parents=[STACK_OPTIONS, JSON_OPTION],
        help="the sections a stack has, without values",
    )
    show.set_defaults(run=run, action=_list)


def run(args: argparse.Namespace) -> int:
    """Run the chosen command; its exit status."""
    status: int = args.action(args, Output(args.json))
    return status


def checked(path: Path, parameters: Mapping[str, str] | None = None) -> Credentials:
    """A credentials file's sections; raises Failure that names all that is wrong in it.

    What `ops register` fills in may be missing. `parameters` are those of the stack that they are
    for, whose agent may be the user's own; unless given, they are the environment's PARAMETERS.
    """
    credentials = _load(path)
    found = _faults(credentials, parameters)
    if found:
        names = dict.fromkeys(each.section for each in found)
        mend = "Mend them, or leave them out."
        raise Failure(
            f"{path} has sections that do not work: {', '.join(names)}",
            f"{mend} {_OWN_AGENT}" if _AGENT in names else mend,
            [f"{each.section}: {_told(each)}" for each in found],
        )
    return credentials


def _faults(credentials: Credentials, parameters: Mapping[str, str] | None = None) -> list[Problem]:
    """What is wrong; nothing of the section `agent` where a class of the user's own reads it."""
    found = faults(credentials)
    if _AGENT not in credentials:
        return found
    if parameters is None:
        parameters = LocalSettings.from_environment().parameters
    agent = parameters.get("Agent", "")
    if agent and not agent.startswith("channels."):
        return [each for each in found if each.section != _AGENT]
    if problem := agent_problem(credentials[_AGENT], agent):
        found.append(problem)
    names = list(credentials)
    return sorted(found, key=lambda each: names.index(each.section))


def _told(problem: Problem) -> str:
    """A problem without the section's name, which most begin with."""
    return problem.what.removeprefix(f"{problem.section}: ")


def safe_subset(path: Path = EXAMPLE_FILE) -> Credentials:
    """The example's channels that work as they are and need no secret.

    They can be made of their sections, and without any setting: nothing is left to fill in.
    """
    return {
        name: section
        for name, section in _load(path).items()
        if name in BUILT_IN and not problems({name: section}) and not problems({name: {}})
    }


def push(stack: Stack, credentials: Credentials, *, prune: bool) -> Change:
    """Write sections to a stack; a local one uses them from its next request on."""
    return write(stack, stored(credentials), prune=prune)


def write(stack: Stack, sections: Credentials, *, prune: bool = False) -> Change:
    """`push` for sections under the stack's names."""
    change = ParameterStore(stack).push(sections, prune=prune, key=credentials_key(stack))
    if stack.is_local and (change.written or change.removed):
        client = stack.session.client("lambda", endpoint_url=stack.endpoint_url)
        renew_environments(client, describe(stack).functions)
    return change


def warn_of_readers(path: Path, output: Output) -> None:
    """Say so where other users of this machine may read a credentials file."""
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        output.warn(f"others on this machine can read it: chmod 600 {path}")


def show(change: Change, output: Output) -> None:
    """Tell what a push did."""
    for verb, channels in asdict(change).items():
        if channels and verb != "absent":
            output.say(f"  {verb}: {', '.join(channels)}")


def tell_unregistered(stack: Stack, output: Output) -> None:
    """Name the channels of a stack that refuse everything until they are registered."""
    sections = ParameterStore(stack).credentials()
    for name in unregistered({name: sections[name] for name in sections if name in BUILT_IN}):
        output.say(f"  {name} works after: {REGISTER} {name}")


def _push(args: argparse.Namespace, output: Output) -> int:
    stack = choose_stack(args.stack_name, args.region)
    path = chosen_file(args, output)
    credentials = checked(path, parameters_if_deployed(stack) or None)
    output.say(f"Credentials of {path} to {stack.name}")
    warn_of_readers(path, output)
    change = push(stack, credentials, prune=args.prune)
    if stack.is_local:
        remember(stack, path)
    show(change, output)
    tell_unregistered(stack, output)
    if change.absent:
        output.warn(f"not in the file, kept on the stack: {', '.join(change.absent)} (--prune)")
    if not stack.is_local:
        output.say("Functions that are running read them anew within 5 minutes.")
    output.result({"stack_name": stack.name, **asdict(change)})
    return 0


def _check(args: argparse.Namespace, output: Output) -> int:
    path = chosen_file(args, output)
    credentials = _load(path)
    later = unregistered(credentials)
    found = _faults(credentials)
    unsigned = [
        name for name, section in credentials.items() if section.get("allow_unsigned") is True
    ]
    output.table(
        ("section", ""),
        [(name, told) for name in credentials for told in _state(name, found, later)],
    )
    if any(each.section == _AGENT for each in found):
        output.say(_OWN_AGENT)
    unused = _unused(credentials)
    for name, key, why in unused:
        output.say(f"{name}: '{key}' has no effect here: {why}")
    for channel in unsigned:
        output.warn(f"{channel}: allow_unsigned lets in requests that anyone may have sent")
    warn_of_readers(path, output)
    output.result(
        {
            "file": str(path),
            "problems": [each._asdict() for each in found],
            "without_effect": [{"section": name, "key": key} for name, key, _ in unused],
            "unsigned": unsigned,
            "unregistered": later,
        }
    )
    return 1 if found else 0


def _state(name: str, found: list[Problem], later: list[str]) -> list[str]:
    """What is wrong with a section, or what it is."""
    if told := [_told(each) for each in found if each.section == name]:
        return told
    if name in later:
        return [f"channel, works after: {REGISTER} {name}"]
    return [NOT_CHANNELS.get(name, "channel, works")]


def _unused(credentials: Credentials) -> list[tuple[str, str, str]]:
    """The section, the key and the reason of each setting that has no effect."""
    sections = [(name, section_of(name), settings) for name, settings in credentials.items()]
    return [
        (name, key, why)
        for name, section, settings in sections
        if section is not None
        for key, why in section.unused(settings).items()
    ]


def _list(args: argparse.Namespace, output: Output) -> int:
    stack = choose_stack(args.stack_name, args.region)
    sections = ParameterStore(stack).sections()
    output.table(
        ("channel", "settings", "last changed"),
        [
            (each.channel, ", ".join(each.keys), each.last_changed.strftime("%Y-%m-%d %H:%M"))
            for each in sections
        ],
    )
    if not sections:
        output.say(f"{stack.name} has no credentials yet: python -m ops credentials push FILE")
    listed = [asdict(each) | {"last_changed": each.last_changed.isoformat()} for each in sections]
    output.result({"stack_name": stack.name, "channels": listed})
    return 0


def chosen_file(args: argparse.Namespace, output: Output) -> Path:
    """The credentials file that a command line asks for; raises Failure where there is none."""
    settings = LocalSettings.from_environment()
    named: Path | None = args.file or settings.credentials
    is_local = not args.stack_name
    is_asked = is_local and named is None
    known = remembered_by_running(settings.local_dir) if is_asked else None
    chosen = choose(named, known, is_local=is_local)
    mend = "Name a file, or copy credentials.example.yml, which shows every channel's settings."
    if chosen.path is None:
        raise Failure(f"There is no {DEFAULT} here", mend)
    if chosen.is_gone:
        raise Failure(f"{chosen.path}, the file that the running stack was given, is gone", mend)
    if chosen.note:
        output.say(f"{chosen.path}: {chosen.note}")
    return chosen.path


def _load(path: Path) -> Credentials:
    try:
        return load_credentials(path)
    except CredentialsError as error:
        mend = "credentials.example.yml shows every channel's settings."
        raise Failure(str(error), mend) from error
