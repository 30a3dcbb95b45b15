"""`ops trace`: the way of a message through the stack, or the latest messages of a sender."""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from typing import Any

from ops.aws import Stack, choose_stack
from ops.channel_names import channel_names
from ops.failure import Failure
from ops.journey import Step, Surroundings, kinds, steps, whereabouts
from ops.output import JSON_OPTION, Output
from ops.queue_pairs import depth, queue_pair, visibility_timeout
from ops.resources import STACK_OPTIONS, Resources
from ops.times import clock, duration, iso
from ops.turns import ConversationRecord, TurnRecord, Turns

#: Messages of a conversation that are shown.
_LATEST = 20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `trace`."""
    parser = subparsers.add_parser(
        "trace",
        parents=[STACK_OPTIONS, JSON_OPTION],
        help="the way of a message through the stack",
        description="What the turn journal knows of a message, or of a sender's latest messages. "
        "It keeps a message for a day after its last change. The dead-letter queue is not looked "
        "into: taking a message from a FIFO queue, even to look at it, locks its conversation.",
    )
    parser.add_argument("id", metavar="ID", help="id of a message or of a sender")
    parser.add_argument(
        "--channel", help="only this channel (default: the built-in ones and the stack's own)"
    )
    parser.add_argument(
        "--scan", action="store_true", help="read the whole table if no channel has the message"
    )
    parser.add_argument("--text", action="store_true", help="show the answers themselves too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show what is known of the id; raises Failure when nothing is."""
    output = Output(args.json)
    stack = choose_stack(args.stack_name, args.region)
    resources = Resources(stack)
    turns = Turns(
        resources["StateTable"],
        stack.session.client("dynamodb", endpoint_url=stack.endpoint_url),
    )
    around = _surroundings(stack, resources)
    channels = [args.channel] if args.channel else channel_names(stack)
    found = [turn for channel in channels if (turn := turns.get(channel, args.id))]
    conversations = [
        (conversation, _latest(turns, conversation))
        for conversation in turns.conversations(args.id)
        if args.channel in (None, conversation.channel)
    ]
    if args.scan and not found:
        with output.step("Reading the whole state table"):
            found = [turn for turn in turns.scan(args.id) if args.channel in (None, turn.channel)]
    if not found and not conversations:
        raise _unknown(args, stack, channels, around)
    now = time.time()
    for turn in found:
        _show(turn, whereabouts(turn, around, now), output, with_text=args.text)
    _show_conversations(args.id, conversations, around, output)
    output.result(
        {
            "stack_name": stack.name,
            "id": args.id,
            "messages": [_document(turn, around, now, with_text=args.text) for turn in found],
            "conversations": [
                _conversation_document(conversation, latest, around, now)
                for conversation, latest in conversations
            ],
        }
    )
    return 0


def _surroundings(stack: Stack, resources: Resources) -> Surroundings:
    sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
    inbox = queue_pair(resources, "inbox")
    return Surroundings(
        waiting=depth(sqs, inbox.source).total,
        dead_letters=depth(sqs, inbox.dead_letters).total,
        visibility_timeout=visibility_timeout(sqs, inbox.source),
    )


def _latest(turns: Turns, conversation: ConversationRecord) -> list[TurnRecord]:
    """The latest turns that the journal still has, the newest first."""
    recent = (
        turns.get(conversation.channel, message_id)
        for message_id in reversed(conversation.recent[-_LATEST:])
    )
    return [turn for turn in recent if turn]


def _unknown(
    args: argparse.Namespace, stack: Stack, channels: list[str], around: Surroundings
) -> Failure:
    where = f"the stack {stack.name}, region {stack.session.region_name}"
    reasons = [
        "It can wait in the inbox: the journal knows a message only when a worker has taken it "
        f"({around.waiting} in the inbox now).",
        "It can be too old: the journal forgets a message a day after its last change.",
        "It can be of another channel than these: " + ", ".join(channels) + ".",
        f"It can be on another stack: this was {where}.",
        "It can have been refused or never sent: the log of the channel's function tells.",
    ]
    if around.waiting == 0:
        del reasons[0]
    return Failure(
        f"Nothing is known of '{args.id}', neither as a message nor as a sender",
        "Name its channel with --channel, or look through the whole table with --scan.",
        reasons,
    )


def _show(turn: TurnRecord, where: str, output: Output, *, with_text: bool) -> None:
    output.say(f"{turn.message_id} from {turn.sender_id} on {turn.channel}")
    way = steps(turn)
    output.table(
        ("time (UTC)", "after", "", ""),
        [
            (clock(step.at), after, step.name, step.detail)
            for step, after in zip(way, _durations(way), strict=True)
        ],
    )
    output.say(f"Now: {where}")
    output.say(f"Taken {turn.claims} times, {turn.failed_attempts} attempts failed")
    if with_text:
        for reply in turn.replies or []:
            output.say(json.dumps(reply, ensure_ascii=False))


def _durations(way: list[Step]) -> list[str]:
    return ["", *(f"+{duration(after.at - before.at)}" for before, after in pairwise(way))]


def _show_conversations(
    sender_id: str,
    conversations: list[tuple[ConversationRecord, list[TurnRecord]]],
    around: Surroundings,
    output: Output,
) -> None:
    for conversation, latest in conversations:
        keys = ", ".join(conversation.reply_to) or "the sender's id alone"
        output.say(f"{sender_id} on {conversation.channel}")
        output.say(f"last seen {clock(conversation.last_seen)} UTC; answered by {keys}")
        output.table(
            ("message", "received (UTC)", "took", "state", "answer", "parts", "error"),
            [_row(turn) for turn in latest],
        )
    if conversations and around.waiting:
        output.say(f"{around.waiting} messages are in the inbox; who wrote them is not known yet.")


def _row(turn: TurnRecord) -> tuple[str, ...]:
    took = duration(turn.finished_at - turn.received_at) if turn.finished_at else ""
    return (
        turn.message_id,
        clock(turn.received_at),
        took,
        turn.status,
        "" if turn.replies is None else kinds(turn.replies),
        str(len(turn.parts)),
        turn.error,
    )


def _document(
    turn: TurnRecord, around: Surroundings, now: float, *, with_text: bool
) -> dict[str, Any]:
    document = {
        **_summary(turn, around, now),
        "claims": turn.claims,
        "failed_attempts": turn.failed_attempts,
        "steps": [
            {"at": iso(step.at), "step": step.name, "detail": step.detail} for step in steps(turn)
        ],
        "parts": [
            {"at": iso(part.at), "platform_id": part.platform_id, "refusal": part.refusal}
            for part in turn.parts
        ],
    }
    return document | ({"replies": turn.replies} if with_text else {})


def _summary(turn: TurnRecord, around: Surroundings, now: float) -> dict[str, Any]:
    return {
        "channel": turn.channel,
        "message_id": turn.message_id,
        "sender_id": turn.sender_id,
        "status": turn.status,
        "where": whereabouts(turn, around, now),
        "received_at": iso(turn.received_at),
        "finished_at": None if turn.finished_at is None else iso(turn.finished_at),
        "error": turn.error,
        "parts_sent": len(turn.parts),
    }


def _conversation_document(
    conversation: ConversationRecord, latest: list[TurnRecord], around: Surroundings, now: float
) -> dict[str, Any]:
    return {
        "channel": conversation.channel,
        "last_seen": iso(conversation.last_seen),
        "reply_to": conversation.reply_to,
        "messages": [_summary(turn, around, now) for turn in latest],
    }
