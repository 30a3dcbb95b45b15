"""`ops trace`: the way of a message through the stack, or the latest messages of a sender."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from channels.aws.state.journal import REDELIVERY_PERIOD
from channels.turns.inbox_message import InboxMessage
from channels.turns.journal import DONE, GONE
from ops.failure import Failure
from ops.letters.dead_letters import DeadLetter, DeadLetterQueue, look
from ops.output import JSON_OPTION, Output
from ops.stack.aws import Stack, choose_stack
from ops.stack.channel_names import channel_names
from ops.stack.queue_pairs import QueuePair, depth, queue_pair, visibility_timeout
from ops.stack.resources import STACK_OPTIONS, Resources
from ops.stack.turns import ConversationRecord, TurnRecord, Turns
from ops.tracing import trace_report
from ops.tracing.journey import Letter, Surroundings
from ops.wording import count

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: Messages of a conversation that are shown.
_LATEST = 20
_FORGOTTEN = f"{REDELIVERY_PERIOD / 3600:.0f} hours"


class Found(NamedTuple):
    """What an id stands for: messages, and conversations with their latest messages."""

    messages: list[TurnRecord]
    conversations: list[tuple[ConversationRecord, list[TurnRecord]]]

    @property
    def turns(self) -> list[TurnRecord]:
        """All turns that are shown."""
        return [*self.messages, *(turn for _, latest in self.conversations for turn in latest)]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `trace`."""
    parser = subparsers.add_parser(
        "trace",
        parents=[STACK_OPTIONS, JSON_OPTION],
        help="the way of a message through the stack",
        description="What the turn journal knows of a message, or of a sender's latest messages. "
        "It keeps a message for 36 hours after its last change. The inbox is only counted: "
        "taking a message from a FIFO queue, even to look at it, locks its conversation. Dead "
        "letters are looked at where the journal does not tell all.",
    )
    parser.add_argument("id", metavar="ID", help="id of a message or of a sender")
    parser.add_argument(
        "--channel", help="only this channel (default: the built-in ones and the stack's own)"
    )
    parser.add_argument(
        "--scan", action="store_true", help="read the whole table if no channel has the message"
    )
    parser.add_argument(
        "--text", action="store_true", help="show what the message was answered with, too"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show what is known of the id; raises Failure when nothing is."""
    stack = choose_stack(args.stack_name, args.region)
    trace(args, stack, Resources(stack), Output(args.json))
    return 0


def trace(args: argparse.Namespace, stack: Stack, resources: Resources, output: Output) -> None:
    """Show what a stack knows of the id; raises Failure when it is nothing."""
    dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
    turns = Turns(resources["StateTable"], dynamodb)
    channels = [args.channel] if args.channel else channel_names(stack)
    found = _look_up(turns, args.id, channels, args.channel)
    if args.scan and not found.messages:
        with output.step("Reading the whole state table"):
            scanned = [each for each in turns.scan(args.id) if args.channel in (None, each.channel)]
        found = found._replace(messages=scanned)
    around = surroundings(stack, resources, found.turns, output, is_whole=not found.conversations)
    letters = _untold(found, args, around.letters)
    if not any(found) and not letters:
        raise _unknown(args, stack, channels, around.waiting)
    document = _report(found, letters, args, around, output)
    output.result({"stack_name": stack.name, "id": args.id, **document})


def _report(
    found: Found,
    letters: list[Letter],
    args: argparse.Namespace,
    around: Surroundings,
    output: Output,
) -> dict[str, Any]:
    """Show what was found; gives the same for scripts."""
    now = time.time()
    for turn in found.messages:
        trace_report.show_message(turn, around, now, output, with_text=args.text)
    for conversation, latest in found.conversations:
        trace_report.show_conversation(args.id, conversation, latest, output)
    for letter in letters:
        trace_report.show_letter(letter, output)
    if found.conversations and around.waiting:
        output.say(
            f"In the inbox: {count(around.waiting, 'message')}, whose senders cannot be seen."
        )
    return {
        "messages": [
            trace_report.message_document(turn, around, now, with_text=args.text)
            for turn in found.messages
        ],
        "conversations": [
            trace_report.conversation_document(conversation, latest, around, now)
            for conversation, latest in found.conversations
        ],
        "dead_letters": [trace_report.letter_document(letter) for letter in letters],
    }


def _look_up(turns: Turns, id_: str, channels: list[str], only: str | None) -> Found:
    messages = [turn for channel in channels for turn in turns.of_message(channel, id_)]
    conversations = [
        (conversation, _latest(turns, conversation, id_))
        for conversation in turns.conversations(id_)
        if only in (None, conversation.channel)
    ]
    return Found(messages, conversations)


def _latest(turns: Turns, conversation: ConversationRecord, sender_id: str) -> list[TurnRecord]:
    """The latest turns that the journal still has, the newest first."""
    recent = (
        turns.get(conversation.channel, message_id, sender_id)
        for message_id in reversed(conversation.recent[-_LATEST:])
    )
    return [turn for turn in recent if turn]


def surroundings(
    stack: Stack,
    resources: Resources,
    turns: Sequence[TurnRecord],
    output: Output,
    *,
    is_whole: bool = True,
) -> Surroundings:
    """What a stack's queues say of the messages of some turns.

    Dead letters are looked at unless the journal says of each that it is done; also if there may be
    messages beside the turns (not `is_whole`).
    """
    sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
    open_turns = [turn for turn in turns if turn.status not in (DONE, GONE)]
    names = ["inbox"] if open_turns or not turns or not is_whole else []
    if any(turn.channel == "callback" and turn.status == DONE for turn in turns):
        names.append("callback")
    return look_around(sqs, resources, names, output)


def look_around(
    sqs: SQSClient, resources: Resources, names: Iterable[str], output: Output
) -> Surroundings:
    """What the inbox says, and the dead letters of the queues of these names."""
    inbox = queue_pair(resources, "inbox")
    letters = {name: _letters(sqs, queue_pair(resources, name), output) for name in names}
    return Surroundings(
        waiting=depth(sqs, inbox.source).total,
        dead_letters=depth(sqs, inbox.dead_letters).total,
        visibility_timeout=visibility_timeout(sqs, inbox.source),
        letters=tuple(_letter(each) for each in letters.get("inbox", []) if each.message_id),
        undelivered=frozenset(each.message_id for each in letters.get("callback", [])),
    )


def _letters(sqs: SQSClient, pair: QueuePair, output: Output) -> list[DeadLetter]:
    if not depth(sqs, pair.dead_letters).total:
        return []
    try:
        with output.step(f"Looking at the dead letters of the {pair.name} queue"):
            return look(DeadLetterQueue(sqs, pair))
    except ClientError as error:
        output.warn(f"The dead letters of the {pair.name} queue cannot be looked at: {error}")
        return []


def _letter(dead: DeadLetter) -> Letter:
    received_at = InboxMessage.from_json(dead.body).received_at
    return Letter(dead.channel, dead.sender_id, dead.message_id, received_at)


def _untold(found: Found, args: argparse.Namespace, letters: Iterable[Letter]) -> list[Letter]:
    """The dead letters that the id stands for and that are not shown as messages."""
    told = {(turn.channel, turn.sender_id, turn.message_id) for turn in found.messages}
    return [
        letter
        for letter in letters
        if args.id in (letter.message_id, letter.sender_id)
        and args.channel in (None, letter.channel)
        and letter[:3] not in told
    ]


def _unknown(args: argparse.Namespace, stack: Stack, channels: list[str], waiting: int) -> Failure:
    reasons = [
        f"Perhaps it is too old: the journal forgets a message {_FORGOTTEN} after its last change.",
        "Perhaps it was refused, or never sent: the log of the channel's function tells.",
        f"Perhaps it is of another channel than {', '.join(channels)}.",
        f"Perhaps it is on another stack than {stack.name} in {stack.session.region_name}.",
    ]
    if waiting:
        reasons.insert(
            0,
            f"Perhaps it is in the inbox with its {count(waiting, 'message')}: the journal "
            "knows a message from when a worker takes it.",
        )
    mend = "Name its channel with --channel" + (
        "." if args.scan else ", or look through the whole table with --scan."
    )
    return Failure(
        f"Nothing is known of '{args.id}', neither as a message nor as a sender",
        mend,
        reasons,
    )
