"""A bot's custom JSON as Bot API calls, by Rasa's table of keys.

    {"photo": "<url or file id>", "caption": "..."}     sendPhoto with a caption

Keys that select no method are passed to the Bot API unchanged, as parameters.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

#: Rasa's table, in Rasa's order: the keys that together select a method. The last row is ours.
_METHODS = (
    (("text",), "sendMessage"),
    (("photo",), "sendPhoto"),
    (("audio",), "sendAudio"),
    (("document",), "sendDocument"),
    (("sticker",), "sendSticker"),
    (("video",), "sendVideo"),
    (("video_note",), "sendVideoNote"),
    (("animation",), "sendAnimation"),
    (("voice",), "sendVoice"),
    (("media",), "sendMediaGroup"),
    (("latitude", "longitude", "title", "address"), "sendVenue"),
    (("latitude", "longitude"), "sendLocation"),
    (("phone_number", "first_name"), "sendContact"),
    (("game_short_name",), "sendGame"),
    (("action",), "sendChatAction"),
    (
        ("title", "description", "payload", "provider_token", "currency", "prices"),
        "sendInvoice",
    ),
    (("question", "options"), "sendPoll"),
)

#: Most files in one album, and the methods for an "album" of a single file.
_ALBUM = 10
_SINGLE = {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "audio": "sendAudio",
    "document": "sendDocument",
    "animation": "sendAnimation",
}


class Call(NamedTuple):
    """A Bot API method and its parameters, with a `chat_id` only if the bot named one."""

    method: str
    parameters: dict[str, Any]


def calls_of(json_message: Any) -> list[Call]:
    """Return the calls of a custom message, in Rasa's order; empty if no key selects a method.

    If the keys select several methods, each is called with its own keys and those that select no
    method. (Rasa passes all remaining keys to every method, and fails.)
    """
    if not isinstance(json_message, dict):
        return []
    others = dict(json_message)
    chosen: list[Call] = []
    for keys, method in _METHODS:
        if all(others.get(key) is not None for key in keys):
            chosen.append(Call(method, {key: others.pop(key) for key in keys}))
    calls = [Call(method, {**own, **others}) for method, own in chosen]
    return [each for call in calls for each in _albums(call)]


def _albums(call: Call) -> list[Call]:
    """Split a media group into albums of up to ten files; return other calls unchanged."""
    media = call.parameters.get("media")
    if call.method != "sendMediaGroup" or not isinstance(media, list):
        return [call]
    others = {key: value for key, value in call.parameters.items() if key != "media"}
    groups = [list(group) for group in batched(media, _ALBUM, strict=False)]
    return [_album(group, others) for group in groups]


def _album(group: list[Any], others: dict[str, Any]) -> Call:
    single = group[0] if len(group) == 1 else None
    kind = single.get("type") if isinstance(single, dict) else None
    if not isinstance(single, dict) or kind not in _SINGLE:
        return Call("sendMediaGroup", {"media": group, **others})
    own = {key: value for key, value in single.items() if key not in ("type", "media")}
    return Call(_SINGLE[kind], {kind: single.get("media"), **own, **others})
