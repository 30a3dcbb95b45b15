"""Settings that registration fills in: secrets that it makes, and ids that platforms make.

They live on the stack only. A push of a file that lacks them leaves them there, and a section that
lacks nothing else may be pushed: the channel refuses everything until it is registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.credentials import Credentials, Problem, problems

#: The settings by channel, with what stands for them while a section is checked.
SETTINGS: dict[str, dict[str, Any]] = {
    "facebook": {"verify": "to-be-made"},
    "mattermost": {"webhook_tokens": ["to-be-made"]},
    "rocketchat": {"webhook_token": "to-be-made"},
    "slack": {"app_id": "to-be-made", "slack_signing_secret": "to-be-made"},
    "telegram": {"secret_token": "to-be-made"},
    "webexteams": {"webhook_secret": "to-be-made"},
}


def kept(channel: str, new: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """A section as it is pushed: what registration filled in stays where the new one is silent.

    `allow_unsigned` asks for a channel without secrets: then nothing is added.
    """
    if new.get("allow_unsigned") is True:
        return dict(new)
    missing = {key for key in SETTINGS.get(channel, ()) if new.get(key) is None}
    return {**new, **{key: known[key] for key in missing & known.keys()}}


def faults(credentials: Credentials) -> list[Problem]:
    """What is wrong with each section, beside what registration fills in."""
    return problems({name: _completed(name, section) for name, section in credentials.items()})


def unregistered(credentials: Credentials) -> list[str]:
    """The channels that lack nothing but what registration fills in."""
    lacking = dict.fromkeys(each.section for each in problems(credentials))
    faulty = {each.section for each in faults(credentials)}
    return [channel for channel in lacking if channel not in faulty]


def _completed(channel: str, section: Mapping[str, Any]) -> dict[str, Any]:
    made = SETTINGS.get(channel, {})
    return {**section, **{key: made[key] for key in made if section.get(key) is None}}
