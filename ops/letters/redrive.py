"""`ops redrive`: bring dead letters back to the queue they came from, in order."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from channels.turns.journal import DEAD, DONE, GONE
from ops.failure import Failure, aws_failure
from ops.letters import redrive_report
from ops.letters.dead_letters import HIDDEN, DeadLetter, DeadLetterQueue, Redrive, Selection, look
from ops.output import JSON_OPTION, Output
from ops.stack.aws import Stack, choose_stack
from ops.stack.queue_pairs import NAMES, QueuePair, depth, queue_pair
from ops.stack.resources import STACK_OPTIONS, Resources
from ops.stack.turns import Turns
from ops.wording import count

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `redrive`."""
    parser = subparsers.add_parser(
        "redrive",
        parents=[STACK_OPTIONS, JSON_OPTION],
        help="bring dead letters back, in order",
        description="Sends dead letters to the end of the queue they came from, each conversation "
        "in its order. One that was dealt with meanwhile is sent too: the worker drops it. The "
        "exit status is 1 when a conversation could not be brought back whole.",
    )
    parser.add_argument("--channel", help="only this channel (default: all)")
    parser.add_argument("--sender", metavar="ID", help="only this sender (default: all)")
    parser.add_argument(
        "--queue", choices=NAMES, default=NAMES[0], help=f"whose dead letters (default: {NAMES[0]})"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show what would be brought back, and why it was given up on: of each conversation "
        "at most the first ten, which is what a FIFO queue shows; others cannot receive them "
        "meanwhile",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Bring dead letters back, or show them; 1 when a conversation was not brought back whole."""
    stack = choose_stack(args.stack_name, args.region)
    return redrive(args, stack, Resources(stack), Output(args.json))


def redrive(args: argparse.Namespace, stack: Stack, resources: Resources, output: Output) -> int:
    """Do so with a stack's queues."""
    sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
    pair = queue_pair(resources, args.queue)
    selection = Selection(args.channel, args.sender)
    if args.dry_run:
        dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
        turns = Turns(resources["StateTable"], dynamodb)
        status, document = 0, _look(sqs, pair, selection, turns, output)
    else:
        status, document = _bring_back(sqs, pair, selection, output)
    output.result(
        {"stack_name": stack.name, "queue": pair.name, "dry_run": args.dry_run, **document}
    )
    return status


def _bring_back(
    sqs: SQSClient, pair: QueuePair, selection: Selection, output: Output
) -> tuple[int, dict[str, Any]]:
    work = Redrive(selection)
    try:
        with output.step(f"Bringing back the dead letters of the {pair.name} queue"):
            work.run(DeadLetterQueue(sqs, pair))
    except (BotoCoreError, ClientError) as error:
        failure = aws_failure(error)
        raise _unfinished(failure.cause, failure.mend, work.total) from error
    except KeyboardInterrupt as interrupt:
        raise _unfinished("Interrupted", "Run it again to go on.", work.total) from interrupt
    redrive_report.show(work, output)
    return 1 if work.stopped else 0, redrive_report.document(work)


def _unfinished(cause: str, mend: str, brought_back: int) -> Failure:
    """The end before all was done; nothing is lost and every conversation is in order."""
    return Failure(
        cause,
        mend,
        [
            f"Brought back: {count(brought_back, 'message')}; the others are still dead letters.",
            f"If some do not show at once, they will in {HIDDEN // 60} minutes.",
        ],
    )


def _look(
    sqs: SQSClient, pair: QueuePair, selection: Selection, turns: Turns, output: Output
) -> dict[str, Any]:
    with output.step(f"Looking at the dead letters of the {pair.name} queue"):
        seen = look(DeadLetterQueue(sqs, pair))
        behind = max(depth(sqs, pair.dead_letters).total - len(seen), 0)
        reasons = [
            (letter, _reason(letter, pair, turns)) for letter in seen if selection.includes(letter)
        ]
    redrive_report.show_reasons(reasons, behind, pair.name, output)
    return redrive_report.reasons_document(reasons, behind)


def _reason(letter: DeadLetter, pair: QueuePair, turns: Turns) -> str:
    """Why a message was given up on, as far as the turn journal knows."""
    if not letter.message_id:
        return "unreadable"
    if pair.name == "callback":
        return "in the log of CallbackDeliveryFunction"
    turn = turns.get(letter.channel, letter.message_id, letter.sender_id)
    if turn is None:
        return "not in the journal (any more)"
    if turn.status in (DONE, GONE):
        return "dealt with meanwhile: the worker will drop it"
    error = turn.error or "no error was noted"
    # Neither did the worker note that it gave up: SQS moved it.
    return error if turn.status == DEAD else f"moved by SQS after its last receive; before: {error}"
