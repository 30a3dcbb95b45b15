"""A bot's custom JSON as calls of the Bot API: Rasa's table of keys.

    {"photo": "<url or file id>", "caption": "..."}     sendPhoto with a caption

Keys that choose no method are parameters of the Bot API and go along as they are.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

#: Rasa's table: the keys that together choose a method, in Rasa's order; the last one is ours.
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

#: Files that one album takes, and what an album of one file is sent by.
_ALBUM = 10
_SINGLE = {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "audio": "sendAudio",
    "document": "sendDocument",
    "animation": "sendAnimation",
}


class Call(NamedTuple):
    """A method of the Bot API and its parameters, without the chat unless the bot named one."""

    method: str
    parameters: dict[str, Any]


def calls_of(json_message: Any) -> list[Call]:
    """The calls of a custom message, in Rasa's order; none when no key chooses a method.

    With keys of several methods each is called with its own keys and with those that no method
    claims. (Rasa gives every method all keys that are left, and fails.)
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
    """A media group as albums of two to ten files, or the call as it is."""
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
