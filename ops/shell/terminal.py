"""The shell in a terminal: a line editor with history, a list for a bot's buttons, colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts.choice_input import ChoiceInput
from prompt_toolkit.styles import Style
from rich.console import Console
from rich.text import Text

from ops.shell.messages import FREE_TEXT, STOP, Button, body_lines, button_lines, buttons_of

COMPLETER = WordCompleter([STOP], sentence=True)
"""Completes what the shell itself understands; what a bot understands only the bot knows."""

_STYLE = Style.from_dict({"prompt": "ansimagenta", "placeholder": "ansibrightblack"})


class Terminal:
    """Talks to a person: `next_message` asks, `show` prints.

    A message's buttons become a list to pick from once the answer is complete; buttons that a
    further message follows are printed first, as Rasa's shell does with all but the last.
    """

    def __init__(self, history: History, output: Console, errors: Console) -> None:
        """Edit lines on standard input; print messages to `output`, all else to `errors`."""
        self._session: PromptSession[str] = PromptSession(
            history=history, completer=COMPLETER, style=_STYLE
        )
        self._output = output
        self._errors = errors
        self._unprinted: list[Button] = []

    def next_message(self, buttons: Sequence[Button]) -> str | None:
        """What to send next: a line, or the payload of a button; None to leave (/stop, Ctrl-D).

        Ctrl-C drops the line, or the list: then a line is asked for.
        """
        self._unprinted = []
        while True:
            try:
                return self._pick(buttons) if buttons else self._line()
            except KeyboardInterrupt:
                buttons = ()
            except EOFError:
                return None

    def show(self, item: dict[str, Any]) -> None:
        """Print a bot's message; its buttons wait for what comes next."""
        self._print(button_lines(self._unprinted))
        self._print(body_lines(item))
        self._unprinted = buttons_of(item)

    def note(self, text: str) -> None:
        """Print a remark of the shell's own."""
        self._errors.print(Text(text, style="bright_black"), soft_wrap=True)

    def fail(self, text: str) -> None:
        """Print what went wrong."""
        self._errors.print(Text(text, style="red"), soft_wrap=True)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Show that the assistant is at work; Ctrl-C stops waiting, not the shell."""
        try:
            with self._output.status("", spinner="dots"):
                yield
        except KeyboardInterrupt:
            self.note("Not waiting any longer; the assistant may still get the message.")

    def _line(self) -> str | None:
        line = ""
        while not line:
            line = self._session.prompt(
                [("class:prompt", "Your input -> ")],
                placeholder=[("class:placeholder", f"Type a message, or {STOP} to leave")],
            ).strip()
        return None if line == STOP else line

    def _pick(self, buttons: Sequence[Button]) -> str | None:
        while True:
            number = _choose([*(button.label for button in buttons), FREE_TEXT])
            if number == len(buttons):
                return self._line()
            if (payload := buttons[number].payload) is not None:
                return payload
            self._print([f"Link: {buttons[number].link}"])

    def _print(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._output.print(Text(line, style="bright_blue"), soft_wrap=True)


def open_history(environ: Mapping[str, str]) -> History:
    """The lines typed in earlier runs, kept for the user alone (XDG base directories: state).

    Raises OSError when they cannot be kept.
    """
    state = Path(environ.get("XDG_STATE_HOME") or "")
    if not state.is_absolute():
        state = Path.home() / ".local" / "state"
    path = state / "messaging-channels" / "shell_history"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    return FileHistory(path)


def open_terminal(environ: Mapping[str, str]) -> Terminal:
    """The terminal of this process, with the user's history where there can be one."""
    output, errors = Console(), Console(stderr=True)
    try:
        history = open_history(environ)
    except OSError as error:
        history = InMemoryHistory()
        errors.print(Text(f"History is not kept: {error.strerror}: {error.filename}"))
    return Terminal(history, output, errors)


def _choose(labels: Sequence[str]) -> int:
    """Ask for one of the labels by arrow keys or number; its index."""
    keys = KeyBindings()

    @keys.add("c-d")
    def _leave(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    return ChoiceInput(
        message="Arrow keys or a number, then Enter:",
        options=list(enumerate(labels)),
        symbol=">",
        key_bindings=keys,
    ).prompt()
