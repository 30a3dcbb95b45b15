"""Slack's interactive elements: what a user chose or entered, and what a mere click says.

Source: docs.slack.dev, "Block Kit reference", "Block actions payload".
"""

from __future__ import annotations

from channels.messages.fields import object_of, objects_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The keys that hold the value of an element without options; no element has two of them.
_VALUE_KEYS = (
    "value",
    "selected_conversation",
    "selected_channel",
    "selected_user",
    "selected_date",
    "selected_time",
    "selected_date_time",
    "selected_users",
    "selected_channels",
    "selected_conversations",
)


def values_of(element: dict[str, Any]) -> list[dict[str, str]]:
    """Return each `value` chosen or entered, with the `title` that the user saw."""
    options = objects_of(element, "selected_options")
    single = object_of(element, "selected_option")
    if single:
        options = [single]
    if options:
        chosen = ((text_of(option, "value"), _title(option)) for option in options)
        return [
            {"value": value or title, "title": title} for value, title in chosen if value or title
        ]
    value = next(
        (element[key] for key in _VALUE_KEYS if element.get(key) not in (None, "", [])), ""
    )
    if isinstance(value, list):
        return [{"value": item, "title": item} for item in value if isinstance(item, str) and item]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return []
    return [{"value": str(value), "title": _title(element) or str(value)}]


def said_by(action: dict[str, Any]) -> list[dict[str, str]]:
    """Return what using an element says: its values, or else its name; empty without a name.

    A button in the bot's own JSON needs no `value`: clicking it says its `action_id`, or else its
    `name`, its label or its type.
    """
    label = _title(action) or text_of(action, "text")
    names = (text_of(action, "action_id"), text_of(action, "name"), label, text_of(action, "type"))
    name = next((each for each in names if each), "")
    return values_of(action) or ([{"value": name, "title": label or name}] if name else [])


def is_cleared(action: dict[str, Any]) -> bool:
    """Whether the user cleared a choice or an entry, in an element that can have one."""
    can_have_one = text_of(action, "type").endswith("_input") or any(
        key.startswith("selected_") for key in action
    )
    return can_have_one and not values_of(action)


def is_link(interaction: dict[str, Any], action: dict[str, Any]) -> bool:
    """Whether a click opens a page: Slack reports it to the app, but the user said nothing."""
    option = object_of(action, "selected_option")
    return any(
        text_of(each, "url") for each in (action, option, _shown(interaction, action)) if each
    )


def _shown(interaction: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    """The action's element as found in its message or view; empty if it is not included."""
    action_id, block_id = text_of(action, "action_id"), text_of(action, "block_id")
    places = [object_of(interaction, key) for key in ("message", "view")]
    places += [each for place in places for each in objects_of(place, "attachments")]
    for block in (block for place in places for block in objects_of(place, "blocks")):
        for element in (*objects_of(block, "elements"), object_of(block, "accessory")):
            is_it = action_id and text_of(element, "action_id") == action_id
            if is_it and text_of(block, "block_id") == block_id:
                return element
    return {}


def _title(option: dict[str, Any]) -> str:
    return text_of(object_of(option, "text"), "text")
