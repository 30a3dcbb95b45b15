"""What `ops trace` shows of messages and conversations: tables for people, JSON for scripts."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from channels.turns.journal import DONE
from ops.output import Output
from ops.stack.turns import ConversationRecord, TurnRecord
from ops.tracing.journey import MOVED, Letter, Step, Surroundings, steps, whereabouts
from ops.wording import clock, duration, iso


def show_message(
    turn: TurnRecord, around: Surroundings, now: float, output: Output, *, with_text: bool
) -> None:
    """Show a message's way, where it is at the time `now`, and with_text what answered it."""
    way = steps(turn)
    output.say(f"{turn.message_id} from {turn.sender_id} on {turn.channel}")
    output.table(
        ("time (UTC)", "after", "step", ""),
        [
            (clock(step.at), after, step.name, step.detail)
            for step, after in zip(way, _durations(way), strict=True)
        ],
    )
    output.say(f"Now: {whereabouts(turn, around, now)}")
    output.say(f"Attempts: {turn.claims}, of which {turn.failed_attempts} failed")
    if with_text:
        for reply in turn.replies or []:
            output.say(json.dumps(reply, ensure_ascii=False))


def show_letter(letter: Letter, output: Output) -> None:
    """Show a dead letter of which the journal does not tell."""
    output.say(f"{letter.message_id} from {letter.sender_id} on {letter.channel}")
    if letter.received_at is not None:
        output.say(f"Received {clock(letter.received_at)} UTC")
    output.say(f"Now: {MOVED}")


def letter_document(letter: Letter) -> dict[str, Any]:
    """A dead letter for scripts; its time in ISO 8601."""
    received_at = None if letter.received_at is None else iso(letter.received_at)
    return {**letter._asdict(), "received_at": received_at, "where": MOVED}


def show_conversation(
    sender_id: str, conversation: ConversationRecord, latest: list[TurnRecord], output: Output
) -> None:
    """Show a sender's conversation on one channel."""
    address = ", ".join(conversation.reply_to) or "the sender's id alone"
    output.say(f"{sender_id} on {conversation.channel}")
    output.say(f"Last seen {clock(conversation.last_seen)} UTC; answers are addressed by {address}")
    output.table(
        ("message", "received (UTC)", "took", "status", "parts", "error"),
        [_row(turn) for turn in latest],
    )


def message_document(
    turn: TurnRecord, around: Surroundings, now: float, *, with_text: bool
) -> dict[str, Any]:
    """A message for scripts; times in ISO 8601, `replies` only with_text."""
    document = {
        **_summary(turn, around, now),
        "claims": turn.claims,
        "failed_attempts": turn.failed_attempts,
        "steps": [
            {"at": iso(step.at), "step": step.name, "detail": step.detail} for step in steps(turn)
        ],
        "parts": [part._asdict() | {"at": iso(part.at)} for part in turn.parts],
    }
    return document | {"replies": turn.replies} if with_text else document


def conversation_document(
    conversation: ConversationRecord, latest: list[TurnRecord], around: Surroundings, now: float
) -> dict[str, Any]:
    """A conversation for scripts, its latest messages newest first."""
    return {
        "channel": conversation.channel,
        "last_seen": iso(conversation.last_seen),
        "reply_to": conversation.reply_to,
        "messages": [_summary(turn, around, now) for turn in latest],
    }


def _durations(way: list[Step]) -> list[str]:
    return ["", *(f"+{duration(after.at - before.at)}" for before, after in pairwise(way))]


def _row(turn: TurnRecord) -> tuple[str, ...]:
    return (
        turn.message_id,
        clock(turn.received_at),
        duration(turn.finished_at - turn.received_at) if turn.finished_at else "",
        turn.status,
        str(len(turn.parts)),
        "" if turn.status == DONE else turn.error,
    )


def _summary(turn: TurnRecord, around: Surroundings, now: float) -> dict[str, Any]:
    return {
        "channel": turn.channel,
        "message_id": turn.message_id,
        "sender_id": turn.sender_id,
        "status": turn.status,
        "where": whereabouts(turn, around, now),
        "received_at": iso(turn.received_at),
        "finished_at": None if turn.finished_at is None else iso(turn.finished_at),
        "last_error": turn.error,
        "parts_sent": len(turn.parts),
    }
