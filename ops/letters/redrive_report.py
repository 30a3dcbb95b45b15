"""What `ops redrive` shows: tables for people, JSON for scripts."""

from __future__ import annotations

from typing import Any

from ops.letters.dead_letters import DeadLetter, Redrive
from ops.output import Output
from ops.wording import count

#: Ids of a conversation's messages that a person is shown.
_FEW = 3


def show(redrive: Redrive, output: Output) -> None:
    """Show what was brought back and what was not."""
    if redrive.brought_back:
        output.table(
            ("channel", "sender", "messages"),
            [
                (*_conversation(letters[0]).values(), str(len(letters)))
                for letters in redrive.brought_back.values()
            ],
        )
    output.say(f"Brought back: {count(redrive.total, 'message')}")
    for letter, reason in redrive.stopped.values():
        output.warn(
            f"{letter.channel} {letter.sender_id}: {_id(letter)} and what is behind it stay: "
            f"{reason}"
        )
    if redrive.kept:
        output.say(f"Left as it was: {count(len(redrive.kept), 'other conversation')}")


def document(redrive: Redrive) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "brought_back": redrive.total,
        "conversations": [
            _conversation(letters[0])
            | {"messages": [{"message_id": letter.message_id} for letter in letters]}
            for letters in redrive.brought_back.values()
        ],
        "stopped": [
            _conversation(letter) | {"message_id": letter.message_id, "reason": reason}
            for letter, reason in redrive.stopped.values()
        ],
        "other_conversations": len(redrive.kept),
    }


def show_reasons(
    reasons: list[tuple[DeadLetter, str]], behind: int, queue: str, output: Output
) -> None:
    """Show dead letters with why they were given up on; `behind` are there but cannot be seen."""
    if reasons:
        output.table(
            ("channel", "sender", "messages", "ids", "reason of the first"),
            [
                (*_conversation(found[0][0]).values(), str(len(found)), _ids(found), found[0][1])
                for found in _groups(reasons)
            ],
        )
    else:
        output.say(f"The {queue} queue has no such dead letters")
    if behind:
        output.say(f"About {behind} more cannot be seen: behind ten of their conversation, or held")


def reasons_document(reasons: list[tuple[DeadLetter, str]], behind: int) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "seen": len(reasons),
        "conversations": [
            _conversation(found[0][0])
            | {
                "messages": [
                    {"message_id": letter.message_id, "reason": reason} for letter, reason in found
                ]
            }
            for found in _groups(reasons)
        ],
        "behind": behind,
    }


def _groups(reasons: list[tuple[DeadLetter, str]]) -> list[list[tuple[DeadLetter, str]]]:
    groups: dict[str, list[tuple[DeadLetter, str]]] = {}
    for letter, reason in reasons:
        groups.setdefault(letter.group, []).append((letter, reason))
    return list(groups.values())


def _conversation(letter: DeadLetter) -> dict[str, str]:
    return {"channel": letter.channel, "sender_id": letter.sender_id}


def _id(letter: DeadLetter) -> str:
    return letter.message_id or "an unreadable message"


def _ids(found: list[tuple[DeadLetter, str]]) -> str:
    shown = [_id(letter) for letter, _ in found[:_FEW]]
    return ", ".join([*shown, "..."] if len(found) > _FEW else shown)
