"""`ops queue`: what waits in the stack's queues, and what was given up on."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from ops.output import JSON_OPTION, Output
from ops.stack.aws import Stack, choose_stack
from ops.stack.queue_pairs import NAMES, Depth, Metrics, QueuePair, depth, oldest_ages, queue_pair
from ops.stack.resources import STACK_OPTIONS, Resources
from ops.wording import count, duration


class State(NamedTuple):
    """A queue and its dead letters; the ages of the oldest messages in seconds, None: unknown."""

    name: str
    depth: Depth
    oldest: float | None
    dead_letters: int
    oldest_dead_letter: float | None


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `queue`."""
    parser = subparsers.add_parser(
        "queue",
        parents=[STACK_OPTIONS, JSON_OPTION],
        help="what waits in the queues, and dead letters",
        description="SQS counts approximately. The exit status is 0 when there are no dead "
        "letters, 1 when there are (or when the stack cannot be asked: JSON has an `error` then).",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the queues; 1 when there are dead letters."""
    stack = choose_stack(args.stack_name, args.region)
    # MiniStack's CloudWatch has no figures of queues.
    cloudwatch = None if stack.is_local else stack.session.client("cloudwatch")
    return show(stack, Resources(stack), cloudwatch, Output(args.json))


def show(stack: Stack, resources: Resources, cloudwatch: Metrics | None, output: Output) -> int:
    """Show a stack's queues; `cloudwatch` tells the ages of messages."""
    found = states(stack, [queue_pair(resources, name) for name in NAMES], cloudwatch)
    dead_letters = sum(state.dead_letters for state in found)
    output.table(
        ("queue", "waiting", "in flight", "delayed", "oldest", "dead letters", "oldest of them"),
        [_row(state) for state in found],
    )
    if cloudwatch is None:
        output.say("The age of the oldest message is not known of a local stack.")
    if dead_letters:
        output.warn(
            f"{count(dead_letters, 'message')} given up on: `python -m ops redrive --dry-run` "
            "tells why, `python -m ops redrive` brings them back."
        )
    output.result(
        {
            "stack_name": stack.name,
            "dead_letters": dead_letters,
            "queues": [_document(state) for state in found],
        }
    )
    return 1 if dead_letters else 0


def states(stack: Stack, pairs: list[QueuePair], cloudwatch: Metrics | None) -> list[State]:
    """What the queues hold; ages are known where `cloudwatch` tells them."""
    sqs = stack.session.client("sqs", endpoint_url=stack.endpoint_url)
    urls = [url for pair in pairs for url in (pair.source, pair.dead_letters)]
    ages = oldest_ages(cloudwatch, urls) if cloudwatch else {}
    return [
        State(
            pair.name,
            depth(sqs, pair.source),
            ages.get(pair.source),
            depth(sqs, pair.dead_letters).total,
            ages.get(pair.dead_letters),
        )
        for pair in pairs
    ]


def _row(state: State) -> tuple[str, ...]:
    counts = (state.depth.waiting, state.depth.in_flight, state.depth.delayed)
    return (
        state.name,
        *map(str, counts),
        _age(state.oldest, state.depth.total),
        str(state.dead_letters),
        _age(state.oldest_dead_letter, state.dead_letters),
    )


def _age(age: float | None, messages: int) -> str:
    if not messages:
        return "-"
    return "not known" if age is None else duration(age)


def _document(state: State) -> dict[str, str | float | None]:
    return {
        "queue": state.name,
        **state.depth._asdict(),
        "oldest_seconds": state.oldest,
        "dead_letters": state.dead_letters,
        "oldest_dead_letter_seconds": state.oldest_dead_letter,
    }
