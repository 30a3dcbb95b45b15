"""`ops forget`: erase what a stack keeps of one person."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ops.erasure.personal_items import PersonalItem, PersonalItems
from ops.failure import Failure
from ops.letters.dead_letters import DeadLetterQueue, Selection
from ops.output import JSON_OPTION, Output
from ops.stack.aws import Stack, choose_stack
from ops.stack.captures import Captures
from ops.stack.channel_names import channel_names
from ops.stack.queue_pairs import NAMES, QueuePair, depth, queue_pair
from ops.stack.resources import STACK_OPTIONS, Resources
from ops.wording import count

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_DESCRIPTION = """\
Erase what the stack keeps of one person's conversation on one channel: the record of the
conversation, its turns and answers, what the agent remembers by this stack's memory, button
payloads, sessions and connections of sockets, captured events, dead letters. The sender's id is the
one that the log and `python -m ops trace <message id>` show. It reads the whole state table.

A message that waits in a queue cannot be taken out of it: it is dealt with as ever, and leaves its
turn behind. The command says how many wait; run it again when they are through.
"""

#: What this command cannot reach, and how long it stays.
REMAINS = (
    "the platform's own copy of the conversation, and the assistant's (Rasa's tracker store)",
    "log lines of the functions and of the APIs, which hold ids and no texts: 30 days",
    "the state table's backups (point-in-time recovery): 35 days",
    "payloads of buttons whose turn the journal has forgotten, or that others were shown too: half "
    "a year, under a hash and without a sender",
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `forget`."""
    parser = subparsers.add_parser(
        "forget",
        parents=[STACK_OPTIONS, JSON_OPTION],
        help="erase what the stack keeps of a person",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("channel", metavar="CHANNEL", help="the channel's name, such as slack")
    parser.add_argument("sender", metavar="SENDER", help="the sender's id on it")
    parser.add_argument("--dry-run", action="store_true", help="count, and erase nothing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Erase, or count; raises Failure for a channel that the stack does not have."""
    stack = choose_stack(args.stack_name, args.region)
    checked_channel(args.channel, stack)
    return forget(args, stack, Resources(stack), Output(args.json))


def checked_channel(name: str, stack: Stack) -> str:
    """The name of a channel that a stack has; raises Failure for any other."""
    known = channel_names(stack)
    if name not in known:
        raise Failure(
            f"The stack {stack.name} has no channel '{name}'", f"It has {', '.join(known)}."
        )
    return name


def forget(args: argparse.Namespace, stack: Stack, resources: Resources, output: Output) -> int:
    """Do so on a stack."""
    sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
    with output.step("Reading the state table and the dead letters"):
        items = _personal_items(args, stack, resources)
        letters = sum(_dead_letters(sqs, queue_pair(resources, name), args) for name in NAMES)
        if not args.dry_run:
            _delete(stack, resources["StateTable"], items)
    found = Counter(item.kind for item in items)
    if letters:
        found["dead letter"] = letters
    waiting = {name: depth(sqs, queue_pair(resources, name).source).total for name in NAMES}
    _show(args, found, waiting, output)
    output.result(
        {
            "stack_name": stack.name,
            "channel": args.channel,
            "sender_id": args.sender,
            "dry_run": args.dry_run,
            "erased": {} if args.dry_run else dict(found),
            "found": dict(found),
            "waiting": waiting,
            "remains": list(REMAINS),
        }
    )
    return 0


def _personal_items(
    args: argparse.Namespace, stack: Stack, resources: Resources
) -> list[PersonalItem]:
    dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
    captures = Captures.of_stack(stack, resources, args.channel)
    table = resources["StateTable"]
    return PersonalItems(table, dynamodb, captures, args.channel, args.sender).find()


def _delete(stack: Stack, table: str, items: Sequence[PersonalItem]) -> None:
    resource = stack.session.resource("dynamodb", endpoint_url=stack.endpoint_url)
    with resource.Table(table).batch_writer() as batch:
        for item in items:
            batch.delete_item(Key={"pk": item.pk, "sk": item.sk})


def _dead_letters(sqs: SQSClient, pair: QueuePair, args: argparse.Namespace) -> int:
    """Erase the person's dead letters of a queue; how many there were.

    Of a dry run those that can be seen: the first ten of the conversation.
    """
    meant, found = Selection(args.channel, args.sender), 0
    with DeadLetterQueue(sqs, pair) as queue:
        for letter in queue:
            if meant.includes(letter):
                found += 1
                if not args.dry_run:
                    queue.erase(letter)
    return found


def _show(
    args: argparse.Namespace, found: Counter[str], waiting: dict[str, int], output: Output
) -> None:
    verb = "Found, and kept" if args.dry_run else "Erased"
    output.say(f"{args.sender} on {args.channel}")
    if found:
        output.table((verb, ""), [(kind, str(number)) for kind, number in found.items()])
    else:
        output.warn("nothing is known of this sender on this channel: is the id the right one?")
    for name, number in waiting.items():
        if number:
            output.warn(
                f"{count(number, 'message')} in the {name} queue, whose senders cannot be seen: "
                "run this again when they are through (`python -m ops queue`)"
            )
    output.say("Elsewhere remains, beyond this command:")
    for each in REMAINS:
        output.say(f"  {each}")
