"""Slack's form posts: clicks and choices, slash commands, shortcuts, submitted views.

A slash command is flat form fields; everything else is JSON in the field `payload`
(docs.slack.dev, "Interactivity").
"""

from __future__ import annotations

import json
import logging
import re

from channels.errors import PayloadError
from channels.http.request import Request
from channels.messages.fields import object_of, objects_of, text_of
from channels.slack.elements import is_cleared, is_link, said_by, values_of
from channels.slack.events import NOT_MESSAGES
from channels.slack.incoming import Incoming, joined_id
from channels.slack.text import plain_text
from channels.telemetry.ignored import ignored, not_a_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.http.request import Parameters

_NAMELESS = "an action without a name"

_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{8,}")


def interaction_of(form: Parameters) -> dict[str, Any] | None:
    """Return the JSON of a form's `payload`, None without one.

    Raises PayloadError if `payload` is not a JSON object.
    """
    payload = form.get("payload")
    if payload is None:
        return None
    interaction = Request(body=payload.encode()).json
    if not isinstance(interaction, dict):
        raise PayloadError("'payload' must be a JSON object")
    return interaction


def incoming_of_form(form: Parameters) -> list[Incoming]:
    """Return the messages of a form post: one per action, none for kinds that say nothing."""
    interaction = interaction_of(form)
    if interaction is None:
        return _slash_command(form)
    kind = text_of(interaction, "type")
    read = _READERS.get(kind)
    if read is None:
        not_a_message("slack", kind, _ids(interaction), NOT_MESSAGES)
        return []
    has_user = bool(_places(interaction)[2])
    messages = read(interaction) if has_user else []
    if not messages and not (has_user and objects_of(interaction, "actions")):
        what = "an interaction without a user, an action or a callback_id"
        ignored("slack", what, _ids(interaction))
    return messages


def _slash_command(form: Parameters) -> list[Incoming]:
    """`/ask what is up?` says `what is up?`; a bare `/ask` says `/ask`."""
    command, user = str(form.get("command", "")), str(form.get("user_id", ""))
    if not command or not user:
        ids = {key: form.get(key) for key in ("team_id", "channel_id", "user_id", "trigger_id")}
        ignored("slack", "a command without a name or a user", ids)
        return []
    channel = str(form.get("channel_id", ""))
    return [
        Incoming(
            plain_text(str(form.get("text", ""))) or command,
            form.get("trigger_id") or None,
            {"out_channel": channel, "thread_id": None, "users": [user], "command": command},
            team=str(form.get("team_id", "")),
            channel=channel,
            user=user,
            response_url=str(form.get("response_url", "")),
        )
    ]


def _actions(interaction: dict[str, Any]) -> list[Incoming]:
    """One message per element used: what the user chose, or else what they clicked."""
    messages = []
    for action in objects_of(interaction, "actions"):
        what = _not_said(interaction, action)
        if what:
            ids = {"action_id": text_of(action, "action_id"), **_ids(interaction)}
            ignored("slack", what, ids, logging.INFO if what == _NAMELESS else logging.DEBUG)
        else:
            messages.append(_action(interaction, action))
    return messages


def _not_said(interaction: dict[str, Any], action: dict[str, Any]) -> str:
    """Why an action says nothing, "" if it does say something."""
    if is_link(interaction, action):
        return "a click that opens a page"
    if is_cleared(action):
        return "a choice that was cleared"
    return "" if said_by(action) else _NAMELESS


def _action(interaction: dict[str, Any], action: dict[str, Any]) -> Incoming:
    values = said_by(action)
    team, channel, user = _places(interaction)
    message, container = object_of(interaction, "message"), object_of(interaction, "container")
    ts = text_of(message, "ts") or text_of(container, "message_ts")
    ts = ts or text_of(interaction, "message_ts")
    thread = text_of(message, "thread_ts") or text_of(container, "thread_ts")
    action_id = text_of(action, "action_id") or text_of(action, "name")
    action_ts = text_of(action, "action_ts") or text_of(interaction, "action_ts")
    view_id = text_of(object_of(interaction, "view"), "id")
    metadata = {
        **_metadata(interaction, thread or ts or None),
        "action": {
            **action,
            "action_id": action_id,
            "block_id": text_of(action, "block_id"),
            "type": text_of(action, "type"),
            "values": [chosen["value"] for chosen in values],
            "titles": [chosen["title"] for chosen in values],
        },
    }
    # A message that only one user sees cannot start a thread.
    anchor = thread if container.get("is_ephemeral") else thread or ts
    return Incoming(
        ", ".join(chosen["value"] for chosen in values),
        joined_id(team, user, ts or view_id, action_id, action_ts),
        metadata,
        team=team,
        channel=channel,
        user=user,
        thread=anchor,
        in_thread=bool(thread) and channel.startswith("D"),
        response_url=text_of(interaction, "response_url"),
    )


def _shortcut(interaction: dict[str, Any]) -> list[Incoming]:
    """A shortcut says the intent `/<callback_id>`; one on a message adds the message's text."""
    team, channel, user = _places(interaction)
    callback_id = text_of(interaction, "callback_id")
    if not callback_id:
        return []
    message = object_of(interaction, "message")
    said = plain_text(text_of(message, "text"))
    ts = text_of(message, "ts") or text_of(interaction, "message_ts")
    thread = text_of(message, "thread_ts")
    return [
        Incoming(
            _intent(callback_id, {"message": said} if said else {}),
            text_of(interaction, "trigger_id") or None,
            {
                **_metadata(interaction, thread or ts or None),
                "callback_id": callback_id,
                "trigger_id": text_of(interaction, "trigger_id"),
            },
            team=team,
            channel=channel,
            user=user,
            thread=thread or ts,
            in_thread=bool(thread) and channel.startswith("D"),
            response_url=text_of(interaction, "response_url"),
        )
    ]


def _view_submission(interaction: dict[str, Any]) -> list[Incoming]:
    """A form says `/<callback_id>{"<action_id>": value, ...}`, an intent with its entities.

    The reply goes to the channel that the user chose in the form, or to the one whose id is its
    `private_metadata`, or else to the user.
    """
    team, _, user = _places(interaction)
    view = object_of(interaction, "view")
    callback_id = text_of(view, "callback_id")
    if not callback_id:
        return []
    target = (objects_of(interaction, "response_urls") or [{}])[0]
    private = text_of(view, "private_metadata")
    channel = text_of(target, "channel_id")
    channel = channel or (private if _CHANNEL_ID.fullmatch(private) else "")
    entered = _entered(object_of(object_of(view, "state"), "values"))
    return [
        Incoming(
            _intent(callback_id, entered),
            joined_id(text_of(view, "id"), text_of(view, "hash")),
            {
                **_metadata(interaction, None),
                "out_channel": channel,
                "callback_id": callback_id,
                "private_metadata": private,
                "values": entered,
            },
            team=team,
            channel=channel,
            user=user,
            response_url=text_of(target, "response_url"),
        )
    ]


def _entered(blocks: dict[str, Any]) -> dict[str, Any]:
    entered: dict[str, Any] = {}
    for block_id in blocks:
        block = object_of(blocks, block_id)
        for action_id in block:
            element = object_of(block, action_id)
            values = [chosen["value"] for chosen in values_of(element)]
            is_many = isinstance(element.get("selected_options"), list) or text_of(
                element, "type"
            ).startswith("multi_")
            if values:
                entered[action_id] = values if is_many else values[0]
    return entered


def _intent(name: str, entities: dict[str, Any]) -> str:
    return f"/{name}{json.dumps(entities, ensure_ascii=False) if entities else ''}"


def _places(interaction: dict[str, Any]) -> tuple[str, str, str]:
    """The ids of team, channel and user."""
    user = object_of(interaction, "user")
    team = text_of(object_of(interaction, "team"), "id") or text_of(user, "team_id")
    channel = text_of(object_of(interaction, "channel"), "id")
    channel = channel or text_of(object_of(interaction, "container"), "channel_id")
    return team, channel, text_of(user, "id")


def _ids(interaction: dict[str, Any]) -> dict[str, str]:
    team, channel, user = _places(interaction)
    view_id = text_of(object_of(interaction, "view"), "id")
    return {"channel": channel, "user": user, "view": view_id, "team": team}


def _metadata(interaction: dict[str, Any], thread_id: str | None) -> dict[str, Any]:
    """Rasa's metadata of an interaction: `users` holds the user who clicked."""
    _, channel, user = _places(interaction)
    return {"out_channel": channel, "thread_id": thread_id, "users": [user]}


_READERS: dict[str, Callable[[dict[str, Any]], list[Incoming]]] = {
    "block_actions": _actions,
    "interactive_message": _actions,
    "shortcut": _shortcut,
    "message_action": _shortcut,
    "view_submission": _view_submission,
}
