"""Buttons on a platform without buttons: numbered titles, and numbers that stand for payloads.

    Shall I book it?         the user answers "1", "1." or "yes": the agent hears /affirm
    1. Yes
    2. No

What was offered is remembered by the user's address. It counts for the next message of the user,
whatever that says: later a number is a number again. Buttons that the bot offers meanwhile, in
another turn, replace it.
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

#: How long an answer may take (seconds).
LIFETIME = 7 * 86_400.0

_NUMBER = re.compile(r"(\d{1,4})[.):]?")

#: What makes an emoji of a digit.
_KEYCAP = re.compile("[\ufe0f\u20e3]")


class Choice(NamedTuple):
    """A button: what the user reads, and what the agent hears."""

    title: str
    payload: str


def choice_of(button: dict[str, Any]) -> Choice:
    """A button's title on one line, and its payload; each stands in for the other."""
    payload = said_by(button, "payload", "title")
    title = " ".join(str(button.get("title") or payload).split())
    return Choice(title, payload)


def remember(memory: KeyValueStore, recipient_id: str, choices: Sequence[Choice]) -> None:
    """Let the next message of a user answer these; PlatformUnavailable."""
    memory.put(choices_key(recipient_id), _record(choices, None), LIFETIME)


def resolve(message: UserMessage, memory: KeyValueStore) -> None:
    """Replace a number or title by its payload; `metadata.choice` is the title, `body` the answer.

    The same message may come again and is understood again, another one is not. PlatformUnavailable
    when the memory does not answer.
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
    """Where it is remembered what a user was offered."""
    return f"choices:{sender_id}"


def _record(choices: Sequence[Choice], answered_by: str | None) -> str:
    return json.dumps({"choices": choices, "answered_by": answered_by})


def _chosen(text: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice of a title, the last one where several have it; else of a number."""
    said = _KEYCAP.sub("", text).strip()
    titled = [each for each in choices if each.title.casefold() == said.casefold()]
    number = _NUMBER.fullmatch(said)
    if not titled and number and 1 <= int(number[1]) <= len(choices):
        return choices[int(number[1]) - 1]
    return titled[-1] if titled else None
