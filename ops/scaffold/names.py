"""What a new channel is called: as a Python module, as a class, to people."""

from __future__ import annotations

import keyword
import re

from channels.wiring.registry import BUILT_IN, NOT_CHANNELS
from ops.failure import Failure

_VALID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def class_name(name: str) -> str:
    """The channel's class: `my_channel` is MyChannel."""
    return "".join(word.capitalize() for word in name.split("_"))


def title_of(name: str) -> str:
    """What people read: `my_channel` is My Channel."""
    return " ".join(word.capitalize() for word in name.split("_"))


def check_name(name: str, longest: int) -> None:
    """Raise Failure for a name that cannot be a channel's, or that means something already.

    `longest` is in characters.
    """
    if not _VALID.fullmatch(name) or len(name) > longest or keyword.iskeyword(name):
        raise Failure(
            f"'{name}' cannot be a channel's name",
            f"It is a Python module and part of a URL: lower-case letters, digits and single _, "
            f"beginning with a letter, at most {longest} characters.",
        )
    if name in BUILT_IN:
        raise Failure(f"'{name}' is a built-in channel", "Take another name.")
    if name in NOT_CHANNELS:
        raise Failure(
            f"'{name}' is a section of credentials.yml that is no channel", "Take another name."
        )
