"""Settings that registration fills in: secrets that it makes, and ids that platforms make.

They live on the stack only. A push of a file that lacks them leaves them there, and a section that
lacks nothing else may be pushed: the channel refuses everything until it is registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from channels.wiring.credentials import Credentials, Problem, problems
from ops.platforms import PLATFORMS

Settings = Mapping[str, Any]

#: The settings by channel, with what stands for them while a section is checked.
SETTINGS: dict[str, Settings] = {
    name: each.registered for name, each in PLATFORMS.items() if each.registered
}


class Kept(NamedTuple):
    """A section as a stack has it, and the settings that it owes to registration.

    These are kept beside the section too: they outlast a time in which it does without them.
    """

    section: dict[str, Any]
    registered: dict[str, Any]


def kept(
    channel: str, new: Settings, known: Settings, registered: Settings, *, exact: bool
) -> Kept:
    """What a push of the section `new` makes of the section `known` on the stack.

    What registration filled in stays where the new section is silent: its key is missing or has no
    value. Where it has a list, as Mattermost's tokens, those that registration added stay too;
    `exact` leaves them out, and then an empty list is a list of none. `allow_unsigned` asks for a
    channel without secrets: they are only kept beside the section then.
    """
    made = SETTINGS.get(channel, {})
    ours = made.keys()
    emptied = {key for key in ours if exact and new.get(key) == [] and isinstance(made[key], list)}
    silent = {key for key in ours if not new.get(key)} - emptied
    beside = {
        key: registered[key] for key in ours & registered.keys() if key in silent or not exact
    }
    section = {key: value for key, value in new.items() if key not in silent}
    for key in beside.keys() - silent:
        section[key] = _joined(section[key], beside[key])
    for key in silent:
        if value := known.get(key) or registered.get(key):
            section[key] = beside[key] = value
    if new.get("allow_unsigned") is True:
        unproved = silent & PLATFORMS[channel].proofs if channel in PLATFORMS else set()
        section = {key: section[key] for key in section if key not in unproved}
    return Kept(section, beside)


def added(channel: str, known: Settings, new: Settings, registered: Settings) -> dict[str, Any]:
    """`registered`, and what registration adds to a section that was `known`: settings `new`."""
    found = dict(registered)
    for key in SETTINGS.get(channel, {}).keys() & new.keys():
        before = _listed(known.get(key))
        fresh = [each for each in _listed(new[key]) if each not in before]
        is_list = isinstance(new[key], list)
        found[key] = _joined(found.get(key), fresh) if is_list else new[key]
    return found


def faults(credentials: Credentials) -> list[Problem]:
    """What is wrong with each section, beside what registration fills in."""
    return problems({name: _completed(name, section) for name, section in credentials.items()})


def unregistered(credentials: Credentials) -> list[str]:
    """The channels that lack nothing but what registration fills in."""
    lacking = dict.fromkeys(each.section for each in problems(credentials))
    faulty = {each.section for each in faults(credentials)}
    return [channel for channel in lacking if channel not in faulty]


def _completed(channel: str, section: Settings) -> dict[str, Any]:
    made = SETTINGS.get(channel, {})
    return {**section, **{key: made[key] for key in made if section.get(key) in (None, "", [])}}


def _joined(given: Any, more: Any) -> Any:
    """A setting with further values where those are a list; else the setting as it was given."""
    if not isinstance(more, list):
        return given
    values = _listed(given)
    return [*values, *(each for each in more if each not in values)]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value] if value else []
