"""The messaging platforms, as `ops` knows them: one folder a channel, which is found by its name.

    registration    what a bot needs there, as data, what is there, and the difference as actions;
                    `ops register` carries them out, `ops doctor` tells what they would be
    signature       how a request is proved, for `ops replay --resign`
    fresh_ids       how it becomes a new message, for `ops replay --new-id`

The folder's `__init__` names the three: its `KNOWLEDGE`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ops.platforms.platform import Bot, Knowledge, Platform

__all__ = ["KNOWN", "PLATFORMS", "Bot", "Knowledge", "Platform"]


def _found() -> dict[str, Knowledge]:
    names = sorted(each.name for each in iter_modules(__path__) if each.ispkg)
    return {name: import_module(f"{__name__}.{name}").KNOWLEDGE for name in names}


#: What is known of each channel that requests of others reach.
KNOWN = _found()

#: The channels that a platform has to be told of, and how.
PLATFORMS: dict[str, type[Platform]] = {
    name: each.registration for name, each in KNOWN.items() if each.registration is not None
}
