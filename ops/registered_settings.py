"""Settings that registration fills in: secrets that it makes, and ids that platforms make.

They live on the stack only. A push of a file that lacks them leaves them there, and a section that
lacks nothing else may be pushed: the channel refuses everything until it is registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.credentials import Credentials, problems

#: The settings by channel, with what stands for them while a section is checked.
_SETTINGS: dict[str, dict[str, Any]] = {
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
    missing = {key for key in _SETTINGS.get(channel, ()) if new.get(key) is None}
    return {**new, **{key: known[key] for key in missing & known.keys()}}


def unregistered(credentials: Credentials) -> list[str]:
    """The channels that lack nothing but what registration fills in."""
    found = problems(credentials)
    lacking = {channel: _completed(channel, credentials[channel]) for channel in found}
    still = problems({**credentials, **lacking})
    return [channel for channel in found if channel not in still]


def _completed(channel: str, section: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in section.items() if value is not None}
    return {**_SETTINGS.get(channel, {}), **given}
