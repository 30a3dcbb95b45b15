"""Buttons on a platform without buttons: numbered titles, and numbers that stand for payloads.

    Shall I book it?         the user replies "1", "1." or "yes": the agent receives /affirm
    1. Yes
    2. No

The choices are stored under the user's address. They apply only to the user's next message,
whatever it says; after that, a number is just a number. Buttons that the bot offers meanwhile in
another turn replace them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from channels.messages.buttons import said_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from channels.channel import KeyValueStore, UserMessage

#: How long the user may take to choose (seconds).
LIFETIME = 7 * 86_400.0

_NUMBER = re.compile(r"(\d{1,4})[.):]?")

#: The characters that turn a digit into a keycap emoji.
_KEYCAP = re.compile("[\ufe0f\u20e3]")


class Choice(NamedTuple):
    """A button: the title that the user reads, and the payload that the agent receives."""

    title: str
    payload: str


def choice_of(button: dict[str, Any]) -> Choice:
    """Return a button's title, on one line, and its payload; one replaces the other if missing."""
    payload = said_by(button, "payload", "title")
    title = " ".join(str(button.get("title") or payload).split())
    return Choice(title, payload)


def remember(memory: KeyValueStore, recipient_id: str, choices: Sequence[Choice]) -> None:
    """Store the choices for the user's next message; raises PlatformUnavailable."""
    memory.put(choices_key(recipient_id), _record(choices, None), LIFETIME)


def resolve(message: UserMessage, memory: KeyValueStore) -> None:
    """Replace a number or title with its payload.

    `metadata.choice` becomes the title, `metadata.body` the text as written. The same message is
    resolved again if it is delivered again; a later one is not. Raises PlatformUnavailable if the
    memory does not respond.
    """
    held = memory.get(choices_key(message.sender_id))
    if held is None:
        return
    offer = json.loads(held)
    choices = [Choice(*each) for each in offer["choices"]]
    if offer["answered_by"] is None:
        record = _record(choices, message.message_id)
        memory.put(choices_key(message.sender_id), record, LIFETIME)
    elif offer["answered_by"] != message.message_id:
        return
    chosen = _chosen(message.text or "", choices)
    if chosen is not None:
        said = {"choice": chosen.title, "body": message.text}
        message.metadata = {**(message.metadata or {}), **said}
        message.text = chosen.payload


def choices_key(sender_id: str) -> str:
    """Return the key under which a user's choices are stored."""
    return f"choices:{sender_id}"


def _record(choices: Sequence[Choice], answered_by: str | None) -> str:
    return json.dumps({"choices": choices, "answered_by": answered_by})


def _chosen(text: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice with this title (the last one of several), or else with this number."""
    said = _KEYCAP.sub("", text).strip()
    titled = [each for each in choices if each.title.casefold() == said.casefold()]
    number = _NUMBER.fullmatch(said)
    if not titled and number and 1 <= int(number[1]) <= len(choices):
        return choices[int(number[1]) - 1]
    return titled[-1] if titled else None
