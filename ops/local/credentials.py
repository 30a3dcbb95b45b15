"""The credentials that `ops up` gives the local stack: of a file, or the example's safe ones.

A running stack loses nothing by it: what the file lacks is kept, unless PRUNE says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from channels.wiring.credentials import Credentials
from ops.credentials.chosen_file import Chosen, choose, remember
from ops.credentials.command import checked, push, safe_subset, show, tell_unregistered
from ops.credentials.parameter_store import ParameterStore
from ops.failure import Failure
from ops.output import Output
from ops.settings import LocalSettings
from ops.stack.aws import Stack


@dataclass(frozen=True)
class Plan:
    """What a stack is to be given, and the file that it is from."""

    credentials: Credentials = field(repr=False)
    chosen: Chosen


def plan(
    settings: LocalSettings, remembered: Path | None, deployed: Mapping[str, str] | None = None
) -> Plan:
    """Choose the credentials; `remembered` is the file that the running stack was given before.

    `deployed` are the running stack's parameters, which it keeps where `settings` has none.

    Raises Failure for a file that does not work.
    """
    chosen = choose(settings.credentials, remembered)
    if chosen.is_gone:
        if settings.prune:
            raise Failure(
                f"PRUNE removes what the credentials file lacks, and {chosen.path} is gone",
                "Name another file: CREDENTIALS=..., or leave PRUNE out.",
            )
        return Plan({}, chosen)
    parameters = {**(deployed or {}), **settings.parameters}
    return Plan(safe_subset() if chosen.path is None else checked(chosen.path, parameters), chosen)


def carry_out(planned: Plan, stack: Stack, *, prune: bool, output: Output) -> None:
    """Give a stack what was planned for it, and say so.

    The example's sections never take the place of the stack's own, unless `prune` asks for that.
    """
    path, credentials = planned.chosen.path, planned.credentials
    if planned.chosen.is_gone:
        output.warn(
            f"{path}, the credentials file of this stack, is gone: what the stack has is kept "
            "(CREDENTIALS=... names another)"
        )
    elif path is None:
        output.say("Credentials of credentials.example.yml, the channels that need no secret")
        has = set() if prune else {each.channel for each in ParameterStore(stack).sections()}
        credentials = {name: each for name, each in credentials.items() if name not in has}
    else:
        output.say(f"Credentials of {path}{_remark(planned.chosen.note)}")
    change = push(stack, credentials, prune=prune)
    if path is not None:
        remember(stack, path)
    show(change, output)
    if others := [each for each in change.absent if each not in planned.credentials]:
        output.say(f"  kept on the stack: {', '.join(others)} (PRUNE=1 removes them)")
    tell_unregistered(stack, output)


def _remark(note: str) -> str:
    return f" ({note})" if note else ""
