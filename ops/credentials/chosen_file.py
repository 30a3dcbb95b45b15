"""Which credentials file a command reads: one rule for all commands.

The file that is named on the command line, else by CREDENTIALS, else the one that the running local
stack was given before, else credentials.yml.

What a stack was given it remembers itself, in SSM: a stack that is started anew has forgotten it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ops.emulator import ministack
from ops.stack.aws import STACK_NAME, Stack, local_stack

DEFAULT = Path("credentials.yml")

#: What the local stack's file was called before: read where there is no credentials.yml.
_FORMER = Path("credentials.local.yml")


@dataclass(frozen=True)
class Chosen:
    """A credentials file; `path` is None where there is none.

    `is_gone` is one that the stack remembers and that is not there any more. `note` says what
    people may not expect of the choice.
    """

    path: Path | None
    is_gone: bool = False
    note: str = ""


def choose(named: Path | None, remembered: Path | None = None, *, is_local: bool = True) -> Chosen:
    """The file to read: `named` by a person, or `remembered` by the stack, or the default.

    The former name counts for the local stack only: what was meant for this machine is not pushed
    to AWS unasked.
    """
    if named is not None:
        return Chosen(named)
    names = (DEFAULT, _FORMER) if is_local else (DEFAULT,)
    there = [each for each in names if each.exists()]
    if remembered is not None and remembered.exists():
        path = _shown(remembered)
        return Chosen(path, note="" if path == DEFAULT else "the file that it was given before")
    was_default = remembered in [each.absolute() for each in names]
    if remembered is not None and not (was_default and there):
        return Chosen(_shown(remembered), is_gone=True)
    if not there:
        return Chosen(None)
    if there[0] == _FORMER:
        return Chosen(_FORMER, note=f"the default is {DEFAULT} now: rename it")
    return Chosen(DEFAULT, note=f"not of {_FORMER}, the default before" if there[1:] else "")


def remember(stack: Stack, path: Path) -> None:
    """Have a local stack remember where its credentials are from."""
    client = stack.session.client("ssm", endpoint_url=stack.endpoint_url)
    text = str(path.absolute())
    client.put_parameter(Name=_parameter(stack), Value=text, Type="String", Overwrite=True)


def remembered(stack: Stack) -> Path | None:
    """The file that a local stack was given last, None when it was given none."""
    client = stack.session.client("ssm", endpoint_url=stack.endpoint_url)
    try:
        return Path(client.get_parameter(Name=_parameter(stack))["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        return None


def remembered_by_running(local_dir: Path) -> Path | None:
    """The file that the stack of a folder was given, None where none is running."""
    port = ministack.running(local_dir)
    if port is None:
        return None
    return remembered(local_stack(STACK_NAME, ministack.endpoint(port)))


def _parameter(stack: Stack) -> str:
    return f"/{stack.name}/local/credentials-file"


def _shown(path: Path) -> Path:
    """A path as one would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
