"""A bot's custom JSON as verbs of a call.

    {"say": "Bonjour", "voice": "Polly.Lea", "language": "fr-FR"}
    {"play": "https://example.com/music.mp3"}
    {"pause": 2}                    seconds
    {"dial": "+15550100"}           or "sip:ann@example.com", "client:ann"
    {"hangup": true}

The keys of one object are executed in this order, the objects of a list one after the other.
Anything in another form is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: Longest pause (seconds): after more, a caller thinks the line is dead.
_MAX_PAUSE = 60

_URL = re.compile(r"https?://\S+")
_PHONE_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{1,30}")
_ADDRESS = re.compile(r"(sip|client):\S+", re.IGNORECASE)


class Verb(NamedTuple):
    """A TwiML verb such as `Say`; `noun` is the nested element that holds the text, if any."""

    name: str
    text: str = ""
    attributes: dict[str, str] = {}  # noqa: RUF012 - a tuple's field that nobody writes to
    noun: str = ""


def verbs_of_custom(json_message: Any) -> list[Verb]:
    """Return the verbs of a custom message; empty if it has none."""
    items = json_message if isinstance(json_message, list) else [json_message]
    return [verb for item in items if isinstance(item, dict) for verb in _verbs(item)]


def _verbs(item: dict[str, Any]) -> Iterator[Verb]:
    text = item.get("say") or item.get("text")
    if isinstance(text, str) and text.strip():
        named = {key: item.get(key) for key in ("voice", "language")}
        yield Verb("Say", text, {key: each for key, each in named.items() if isinstance(each, str)})
    play = item.get("play")
    if isinstance(play, str) and _URL.fullmatch(play):
        yield Verb("Play", play)
    pause = item.get("pause")
    if isinstance(pause, int | float) and not isinstance(pause, bool) and 1 <= pause <= _MAX_PAUSE:
        yield Verb("Pause", attributes={"length": str(int(pause))})
    dial = item.get("dial")
    if isinstance(dial, str) and _PHONE_NUMBER.fullmatch(dial):
        yield Verb("Dial", dial)
    elif isinstance(dial, str) and _ADDRESS.fullmatch(dial):
        scheme, _, name = dial.partition(":")
        is_sip = scheme.lower() == "sip"
        yield Verb("Dial", dial if is_sip else name, noun="Sip" if is_sip else "Client")
    if item.get("hangup") is True:
        yield Verb("Hangup")
