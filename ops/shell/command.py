"""`python -m ops shell`: talk to an assistant through its REST channel (Rasa's `rasa shell`).

In a terminal it is a line editor; with its input from a pipe it reads a message a line and prints
the answers, so that conversations can be scripted.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import signal
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import Any, NoReturn, Protocol, TextIO

from ops.failure import Failure
from ops.settings import LocalSettings
from ops.shell.client import TIMEOUT_VARIABLE, RestClient
from ops.shell.messages import (
    STOP,
    AnswerError,
    Button,
    body_lines,
    button_lines,
    buttons_of,
    latest_buttons,
    picked,
)
from ops.stack.stack_file import StackFile

DEFAULT_TIMEOUT = 30.0
"""Seconds. Rasa's 10 are the cause of its shell's best known complaint: an assistant that calls
another service, or a cold Lambda, takes longer (RasaHQ/rasa#4606, #8667)."""


class Conversation(Protocol):
    """Where the assistant is: a `RestClient`."""

    def send(self, text: str) -> Iterator[dict[str, Any]]:
        """The bot's messages to a message; AnswerError when there is no proper answer."""


class Console(Protocol):
    """Where the user is."""

    def next_message(self, buttons: Sequence[Button]) -> str | None:
        """What to send, given the buttons on offer; None to leave."""

    def show(self, item: dict[str, Any]) -> None:
        """Show a bot's message."""

    def note(self, text: str) -> None:
        """Show a remark of the shell's own."""

    def fail(self, text: str) -> None:
        """Show what went wrong."""

    def waiting(self) -> AbstractContextManager[None]:
        """The time between a message and the end of its answer."""


class LineProtocol:
    """Talks to a pipe: a message a line in, the answers' lines out, remarks and errors apart.

    A line that is the number of a button of the last answer picks it.
    """

    def __init__(
        self,
        lines: TextIO,
        output: TextIO,
        errors: TextIO,
        render: Callable[[dict[str, Any]], list[str]],
    ) -> None:
        """Read `lines`; write messages, made lines by `render`, to `output`."""
        self._lines = lines
        self._output = output
        self._errors = errors
        self._render = render

    def next_message(self, buttons: Sequence[Button]) -> str | None:
        """The next line that is not blank, or the payload it picks; None at /stop or the end."""
        for line in self._lines:
            text = line.strip()
            if text == STOP:
                return None
            button = picked(text, buttons)
            if button is not None and button.payload is None:
                print(f"Link: {button.link}", file=self._output, flush=True)
            elif text:
                return text if button is None else button.payload
        return None

    def show(self, item: dict[str, Any]) -> None:
        """Print a message's lines."""
        for line in self._render(item):
            print(line, file=self._output, flush=True)

    def note(self, text: str) -> None:
        """Print a remark beside the answers."""
        print(text, file=self._errors, flush=True)

    def fail(self, text: str) -> None:
        """Print an error beside the answers."""
        print(text, file=self._errors, flush=True)

    def waiting(self) -> AbstractContextManager[None]:
        """Nobody watches: nothing to do."""
        return nullcontext()


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `shell`."""
    parser = subparsers.add_parser(
        "shell",
        help="talk to the assistant",
        description="Talk to the assistant through its REST channel. /stop or Ctrl-D leaves.",
    )
    parser.add_argument(
        "--url", help="address of the stack or of a Rasa server [$URL, else the local stack's]"
    )
    parser.add_argument(
        "--token",
        help="bearer token of the REST channel [$CHANNELS_TOKEN, which others cannot see]",
    )
    parser.add_argument("--sender", help="conversation to go on with [a new one]")
    parser.add_argument(
        "--no-stream", action="store_true", help="show an answer when all of it is there"
    )
    parser.add_argument(
        "--request-timeout",
        type=_seconds,
        metavar="SECONDS",
        help=f"longest wait for the next message [${TIMEOUT_VARIABLE}, else {DEFAULT_TIMEOUT:g}]",
    )
    parser.add_argument(
        "--json", action="store_true", help="for scripts: print each message as a line of JSON"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Talk until the user leaves.

    Exit status: 0, or from a pipe 1 when some message got no proper answer and 130 after Ctrl-C.
    Raises Failure when a setting is missing or wrong.
    """
    sender = args.sender or uuid.uuid4().hex
    piped = args.json or not (sys.stdin.isatty() and sys.stdout.isatty())
    with RestClient(
        find_url(args.url, os.environ),
        sender,
        token=args.token or os.environ.get("CHANNELS_TOKEN"),
        timeout=find_timeout(args.request_timeout, os.environ),
        stream=not args.no_stream,
    ) as client:
        console = _line_protocol(args.json) if piped else _terminal()
        console.note(f"Talking to {client.url} (go on later with --sender {sender})")
        try:
            failures = converse(client, console)
        except KeyboardInterrupt:
            return 130
    return 1 if failures and piped else 0


def converse(client: Conversation, console: Console) -> int:
    """Send what the user says and show what the bot says, until the user leaves.

    The buttons on offer are those of the last answer; a failure without one leaves them, so that
    the choice can be made again. Returns how many messages had no proper answer.
    """
    failures = 0
    buttons: list[Button] = []
    while (text := console.next_message(buttons)) is not None:
        shown: list[dict[str, Any]] = []
        try:
            with console.waiting():
                for item in client.send(text):
                    console.show(item)
                    shown.append(item)
                if not shown:
                    console.note("(no message)")
        except AnswerError as error:
            failures += 1
            console.fail(str(error))
        if shown:
            buttons = latest_buttons(shown)
    return failures


def find_url(option: str | None, environ: Mapping[str, str]) -> str:
    """The address: the option, $URL, or that of the local stack; Failure when there is none."""
    url = option or environ.get("URL")
    if url:
        return url
    stack = StackFile.read(LocalSettings.from_environment(environ).local_dir)
    if stack is None:
        raise Failure("No local stack is running", "Run `make up`, or give --url.")
    return stack.http_url


def find_timeout(option: float | None, environ: Mapping[str, str]) -> float:
    """Seconds to wait: the option, Rasa's environment variable, or 30; Failure for nonsense."""
    given = environ.get(TIMEOUT_VARIABLE)
    if option is not None or not given:
        return DEFAULT_TIMEOUT if option is None else option
    try:
        return _seconds(given)
    except argparse.ArgumentTypeError as error:
        raise Failure(f"{TIMEOUT_VARIABLE}: {error}", "Set it to a number such as 60.") from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _lines_with_buttons(item: dict[str, Any]) -> list[str]:
    return [*body_lines(item), *button_lines(buttons_of(item))]


def _line_protocol(as_json: bool) -> LineProtocol:
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a bot's emoji must not end a Latin-1 shell
    render = (lambda item: [json.dumps(item)]) if as_json else _lines_with_buttons
    return LineProtocol(sys.stdin, sys.stdout, sys.stderr, render)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _terminal() -> Console:
    # Other commands take these for Ctrl-C, which here drops a line and asks for the next one.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    from ops.shell.terminal import open_terminal  # scripts need no line editor

    return open_terminal(os.environ)
