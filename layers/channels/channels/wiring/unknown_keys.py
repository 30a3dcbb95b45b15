"""What a key may mean that its section does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from channels.section import letters, nearest, shown
from channels.wiring.registry import BUILT_IN, NOT_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from channels.section import Section

#: How near a key has to be to one of its own section to be that one, and not another section's.
_NEAR = 0.8

#: More sections than these say nothing about where a key belongs.
_FEW = 3


class UnknownKey(NamedTuple):
    """A key that a section does not know: `told` goes on after its name.

    `nearest` is the key that may be meant, None where none is near; `meant` are the settings that
    it stands for then.
    """

    key: str
    told: str
    nearest: str | None
    meant: dict[str, Any]


def unknown_keys_of(
    name: str,
    section: Section,
    settings: Mapping[str, Any],
    others: Callable[[], Mapping[str, Section]],
) -> Iterator[UnknownKey]:
    """Each of the settings that section `name` does not know; `others()` are the other sections."""
    for key, near in section.unknown(settings).items():
        value = settings[key]
        if told := _misplaced(name, section, key, value):
            yield UnknownKey(key, told, None, _meant(name, section, key, value))
        elif told := _of_others(section, key, near, others):
            yield UnknownKey(key, told, None, {})
        elif near is not None:
            told = f"is not a setting: did you mean '{near}'?"
            yield UnknownKey(key, told, near, {near: value})
        else:
            there = f"there are {', '.join(section.keys)}" if section.keys else "there are none"
            yield UnknownKey(key, f"is not a setting; {there}", None, {})


def _misplaced(name: str, section: Section, key: str, value: object) -> str | None:
    """What is wrong with a key that is right, but not as it stands there."""
    if key in section.elsewhere:
        return section.elsewhere[key]
    if key in (*BUILT_IN, *NOT_CHANNELS) and isinstance(value, dict | None):
        what = "the section within itself" if key == name else "a section of its own"
        return f"is {what}: move it to the left"
    known, colon, _ = key.partition(":")
    if colon and known in section.keys:
        return f"needs a space after its colon: '{shown(known)}: ...'"
    return None


def _meant(name: str, section: Section, key: str, value: object) -> dict[str, Any]:
    """The settings that a misplaced key stands for."""
    if key == name and isinstance(value, dict):
        return value
    known, _, text = key.partition(":")
    return {known: text} if known in section.keys else {}


def _of_others(
    section: Section, key: str, near: str | None, others: Callable[[], Mapping[str, Section]]
) -> str | None:
    """Which other section has the key; none where one of its own is meant more likely."""
    if nearest(key, (*section.keys, *section.without_effect), _NEAR) is not None:
        return None
    owners = [
        name
        for name, other in others().items()
        if letters(key) in {letters(each) for each in other.keys}
    ]
    if len(owners) == 1 or (near is None and 0 < len(owners) <= _FEW):
        return f"is a key of {' and '.join(owners)}"
    return None
