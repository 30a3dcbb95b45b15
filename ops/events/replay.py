"""`ops replay`: send an event to a stack, as the platform's request that it once was."""

from __future__ import annotations

import argparse
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import requests

from channels.channel import InputChannel, UserMessage
from channels.errors import ChannelError, CredentialsError
from channels.turns.journal import DEAD, DONE, GONE
from channels.wiring.registry import BUILT_IN, Channels
from ops.credentials.parameter_store import ParameterStore
from ops.events.event_files import read_event
from ops.events.new_ids import with_new_ids
from ops.events.signatures import sign
from ops.failure import Failure
from ops.output import JSON_OPTION, Output
from ops.platforms.fresh_ids import Fresh
from ops.platforms.signing import PrivateKey, Signing
from ops.platforms.webhook_request import WebhookRequest
from ops.stack.aws import Stack, choose_stack
from ops.stack.captures import Captures
from ops.stack.resources import STACK_OPTIONS, Resources
from ops.stack.stack_address import StackAddress, stack_address
from ops.stack.turns import TurnRecord, Turns
from ops.tracing import trace_report
from ops.tracing.trace import surroundings

#: How long a turn is followed (seconds): a worker has 90, and the inbox brings it there at once.
_PATIENCE = 100.0
_PAUSE = 0.3

#: What this machine's clock and AWS's may differ by (seconds).
_CLOCKS = 5.0

_DESCRIPTION = """\
Send an event to a stack as a real HTTP request, and show the answer.

  python -m ops replay slack/message_im --resign --new-id --follow
  python -m ops replay my_event.json --stack-name channels-prod --resign
  python -m ops replay --captured JKJaXmPLvHcESHA= --resign --new-id

--resign proves the request anew with the stack's credentials: the proofs in events/ and those of
the past are stale, made with other secrets, or redacted. Only Microsoft and Google can make the
proofs of botframework and hangouts, unless the credentials lead to a key set of yours (--key).
The exit status is 1 when the answer is an error.
"""


class Sent(NamedTuple):
    """A request that was sent: its channel's connector and the messages that this finds in it.

    `channel` is None where the stack's credentials were not read; `at` is in seconds since 1970.
    """

    at: float
    request: WebhookRequest
    response: requests.Response
    channel: InputChannel | None
    messages: list[UserMessage]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `replay`."""
    parser = subparsers.add_parser(
        "replay",
        parents=[STACK_OPTIONS, JSON_OPTION],
        help="send an event of events/, or a captured one, to a stack",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "event", nargs="?", metavar="EVENT", help="a file, or a name such as slack/message_im"
    )
    what.add_argument("--captured", metavar="ID", help="an event that the stack has captured")
    parser.add_argument(
        "--resign", action="store_true", help="prove the request anew with the stack's credentials"
    )
    parser.add_argument(
        "--new-id",
        action="store_true",
        help="give it a message id of its own: an id that was dealt with is not answered again",
    )
    parser.add_argument(
        "--follow", action="store_true", help="wait for the turn's end and show its trace"
    )
    parser.add_argument("--url", help="send it there; the stack still gives credentials and trace")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="private key (PEM) for proofs that are JWTs"
    )
    parser.add_argument("--key-id", default="", metavar="KID", help="that key's id in its key set")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Send the event; 1 when the answer is an error."""
    output = Output(args.json)
    needs_stack = not args.url or args.captured or args.resign or args.follow
    stack = choose_stack(args.stack_name, args.region) if needs_stack else None
    request = WebhookRequest.from_event(_event(args, stack))
    if args.new_id:
        fresh = Fresh(secrets.token_hex(16), time.time())
        request = with_new_ids(request, fresh)
    if stack is None:
        return _told(_sent(args, request, None, None), output)
    return replay(args, stack, Resources(stack), stack_address(stack), request, output)


def replay(
    args: argparse.Namespace,
    stack: Stack,
    resources: Resources,
    address: StackAddress,
    request: WebhookRequest,
    output: Output,
) -> int:
    """Send a request to a stack, proved and followed as `args` say."""
    section = _section(stack, request) if args.resign or args.follow else None
    if args.resign and section is not None:
        settings = section if request.channel in BUILT_IN else section["settings"]
        request = sign(request, Signing(settings, address.called, time.time(), _key(args)))
    turns = Turns(
        resources["StateTable"],
        stack.session.client("dynamodb", endpoint_url=stack.endpoint_url),
    )
    sent = _sent(args, request, address, section, is_local=stack.is_local)
    if not args.follow or not sent.response.ok:
        return _told(sent, output)
    records = follow(sent, turns, output)
    around, now = surroundings(stack, resources, records, output), time.time()
    _show(sent, output)
    for record in records:
        trace_report.show_message(record, around, now, output, with_text=False)
    document = [
        trace_report.message_document(each, around, now, with_text=False) for each in records
    ]
    output.result({**_document(sent), "trace": document})
    return 0


def _event(args: argparse.Namespace, stack: Stack | None) -> Any:
    if args.captured is None or stack is None:
        return read_event(args.event)
    return Captures.of_stack(stack, Resources(stack)).event(args.captured)


def _section(stack: Stack, request: WebhookRequest) -> dict[str, Any]:
    section = ParameterStore(stack).section(request.channel)
    if section is not None:
        return section
    if request.channel in BUILT_IN:
        raise Failure(
            f"The stack {stack.name} has no credentials for '{request.channel}'",
            "Push them: python -m ops credentials push FILE.",
        )
    raise Failure(
        f"The stack {stack.name} has no channel '{request.channel}'",
        f"Built in are {', '.join(sorted(BUILT_IN))}; others need a section in the credentials.",
    )


def _key(args: argparse.Namespace) -> PrivateKey | None:
    if args.key is None:
        return None
    try:
        return PrivateKey(args.key.read_text(encoding="ascii"), args.key_id)
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{args.key} cannot be read as a key in PEM format") from error


def _sent(
    args: argparse.Namespace,
    request: WebhookRequest,
    address: StackAddress | None,
    section: dict[str, Any] | None,
    *,
    is_local: bool = False,
) -> Sent:
    channel: InputChannel | None = None
    messages: list[UserMessage] = []
    if section is not None and address is not None:
        channel, messages = messages_of(request, section, address.called)
    base = args.url or (address.reached if address else "")
    at = time.time()
    response = request.send(base, is_local=is_local and not args.url)
    return Sent(at, request, response, channel, messages)


def messages_of(
    request: WebhookRequest, section: dict[str, Any], base_url: str
) -> tuple[InputChannel, list[UserMessage]]:
    """The channel, and the messages that it finds in a request and that have ids of their own."""
    try:
        channel = Channels(lambda _: section)(request.channel)
    except CredentialsError as error:
        raise Failure(str(error), "Mend the section and push it again.") from error
    try:
        twice = [channel.parse(request.read(base_url)) for _ in range(2)]
    except (ChannelError, NotImplementedError):
        return channel, []  # the stack's answer says what is wrong with it
    # One without an id in the request has another random one each time.
    return channel, [one for one, other in zip(*twice, strict=True) if _same(one, other)]


def _same(one: UserMessage, other: UserMessage) -> bool:
    return one.message_id == other.message_id


def follow(
    sent: Sent,
    turns: Turns,
    output: Output,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> list[TurnRecord]:
    """The turns of the messages when they have ended, or when patience has."""
    channel = sent.channel
    if channel is not None and channel.answers_in_request and not channel.waits_for_worker:
        output.say(f"{channel.name()} answers inside the request: there is no trace.")
        return []
    if not sent.messages:
        output.warn("no message with an id of its own is in it, nothing to follow (see --new-id)")
        return []
    end = now() + _PATIENCE
    with output.step("Following the turn"):
        while True:
            found = [_turn(turns, sent, message) for message in sent.messages]
            ended = [each for each in found if each and each.status in (DONE, GONE, DEAD)]
            if len(ended) == len(found) or now() > end:
                break
            sleep(_PAUSE)
    if any(each.first_claimed_at < sent.at - _CLOCKS for each in ended):
        output.warn("the message had been dealt with before: --new-id makes it a new one")
    if len(ended) < len(found):
        output.warn(f"the turn did not end within {_PATIENCE:.0f} seconds")
    return [each for each in found if each]


def _turn(turns: Turns, sent: Sent, message: UserMessage) -> TurnRecord | None:
    return turns.get(sent.request.channel, message.message_id, message.sender_id)


def _told(sent: Sent, output: Output) -> int:
    _show(sent, output)
    output.result(_document(sent))
    return 0 if sent.response.ok else 1


def _show(sent: Sent, output: Output) -> None:
    response = sent.response
    output.say(f"{sent.request.method} {response.url.partition('?')[0]}")
    output.say(f"{response.status_code} {response.headers.get('content-type', '')}".rstrip())
    if response.text:
        output.say(response.text)


def _document(sent: Sent) -> dict[str, Any]:
    return {
        "channel": sent.request.channel,
        "status": sent.response.status_code,
        "headers": dict(sent.response.headers),
        "body": sent.response.text,
        "message_ids": [message.message_id for message in sent.messages],
    }
