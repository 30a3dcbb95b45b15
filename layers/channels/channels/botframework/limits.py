"""Message limits: content that does not fit continues in further messages; nothing is dropped.

Teams takes about 100 KB for a whole message; older pages say 28 KB for cards (learn.microsoft.com,
"Limits and specifications for Teams", "Format your bot messages").
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.messages.fields import text_of
from channels.messages.text import split_text, utf16_units

if TYPE_CHECKING:
    from typing import Any

    from channels.messages.text import Measure

#: Longest text of one message (UTF-16 units).
MAX_TEXT = 4000

#: Attachments per message: how many, and their total size as JSON (bytes), which leaves room for
#: the text. A larger attachment is sent alone, and the platform decides.
MAX_ATTACHMENTS = 10
MAX_ATTACHMENTS_SIZE = 20_000

_SPREAD = ("text", "entities", "attachments", "suggestedActions")


def within_limits(activity: dict[str, Any]) -> list[dict[str, Any]]:
    """Split a message into as many as it takes; other types of activities are returned unchanged.

    The first attachments go with the last of the text; suggested actions, which vanish with the
    next message, go with the last message; mentions go with the text that contains them.
    """
    text, attachments = activity.get("text"), activity.get("attachments")
    is_long = isinstance(text, str) and utf16_units(text) > MAX_TEXT
    groups = _groups(attachments) if isinstance(attachments, list) else []
    if activity.get("type", "message") != "message" or not (is_long or len(groups) > 1):
        return [activity]
    texts = parts_of(text) if isinstance(text, str) else []
    pieces: list[dict[str, Any]] = [{"text": part} for part in texts] or [{}]
    if groups:
        pieces[-1]["attachments"] = groups[0]
    pieces += [{"attachments": group} for group in groups[1:]]
    if "suggestedActions" in activity:
        pieces[-1]["suggestedActions"] = activity["suggestedActions"]
    others = {key: value for key, value in activity.items() if key not in _SPREAD}
    first, *further = [{**others, **_entities(activity, piece), **piece} for piece in pieces]
    for each in further:
        each.pop("id", None)  # only one message can be updated; the others are new
    return [first, *further]


def parts_of(text: str, measure: Measure = utf16_units) -> list[str]:
    """Split a text into parts that each fit into a message, by `measure`."""
    return split_text(text, MAX_TEXT, measure)


def _entities(activity: dict[str, Any], piece: dict[str, Any]) -> dict[str, Any]:
    entities = activity.get("entities")
    if not isinstance(entities, list):
        return {}
    text = piece.get("text", "")
    kept = [
        each for each in entities if not isinstance(each, dict) or text_of(each, "text") in text
    ]
    return {"entities": kept}


def _groups(attachments: list[Any]) -> list[list[Any]]:
    groups: list[list[Any]] = []
    room = 0
    for attachment in attachments:
        size = len(json.dumps(attachment))
        if not groups or len(groups[-1]) == MAX_ATTACHMENTS or size > room:
            groups.append([])
            room = MAX_ATTACHMENTS_SIZE
        groups[-1].append(attachment)
        room -= size
    return groups
