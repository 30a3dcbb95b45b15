"""The manifest of a Slack app: what it is called, may do, and where Slack sends what happens.

docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Manifest = dict[str, Any]

_SCOPES = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "im:history",
    "im:write",
)
_EVENTS = ("app_mention", "message.im")


def scopes_of(settings: Mapping[str, Any]) -> list[str]:
    """The bot's scopes; a channel that is read whole takes more.

    A typing status takes none: `assistant.threads.setStatus` accepts `chat:write`
    (docs.slack.dev/changelog/2026/03/05/set-status-scope-update). `assistant:write` would take
    a view for agents: new apps can only have `agent_view`, which cannot be taken back.
    """
    more = ["channels:history", "groups:history"] if settings.get("slack_channel") else []
    return sorted([*_SCOPES, *more])


def manifest(settings: Mapping[str, Any], url: str | None) -> Manifest:
    """The app of a section of the credentials; without a URL it hears nothing yet.

    Slack asks a URL at once, and the request is signed: an app that is only made now has no secret
    that the stack could know.
    """
    made: Manifest = {
        "display_information": {"name": "Assistant"},
        "features": _features(settings, url),
        "oauth_config": {"scopes": {"bot": scopes_of(settings)}},
        "settings": {
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }
    if url:
        made["settings"] |= {
            "event_subscriptions": {"request_url": url, "bot_events": _events(settings)},
            "interactivity": {
                "is_enabled": True,
                "request_url": url,
                "message_menu_options_url": url,
            },
        }
    return made


def _features(settings: Mapping[str, Any], url: str | None) -> Manifest:
    features: Manifest = {
        "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "assistant", "always_online": True},
    }
    command = str(settings.get("command") or "").removeprefix("/")
    if command and url:
        features["slash_commands"] = [
            {
                "command": f"/{command}",
                "url": url,
                "description": "Ask the assistant",
                "usage_hint": "[question]",
                "should_escape": False,
            }
        ]
    return features


def merged(theirs: Manifest, ours: Manifest) -> Manifest:
    """The app as it is, with what is ours: names stay, lists get what they lack."""
    kept = {"display_information": theirs.get("display_information", ours["display_information"])}
    bot_user = theirs.get("features", {}).get("bot_user")
    result: Manifest = _merged(theirs, {**ours, **kept})
    if bot_user:
        result["features"]["bot_user"] = bot_user
    return result


def _events(settings: Mapping[str, Any]) -> list[str]:
    more = ["message.channels", "message.groups"] if settings.get("slack_channel") else []
    return sorted([*_EVENTS, *more])


def _merged(theirs: Any, ours: Any) -> Any:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        keys = [*theirs, *(key for key in ours if key not in theirs)]
        return {
            key: _merged(theirs[key], ours[key])
            if key in theirs and key in ours
            else theirs.get(key, ours.get(key))
            for key in keys
        }
    if isinstance(theirs, list) and isinstance(ours, list):
        names = {each["command"] for each in ours if isinstance(each, dict)}
        others = [
            each
            for each in theirs
            if not isinstance(each, dict) or each.get("command") not in names
        ]
        return others + [each for each in ours if each not in others]
    return ours
