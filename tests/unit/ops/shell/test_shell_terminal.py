"""The shell in a terminal, its keys pressed through a pipe."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from ops.shell.messages import Button
from ops.shell.terminal import COMPLETER, Terminal, open_history

YES, NO = Button("yes (/affirm)", "/affirm"), Button("no (/deny)", "/deny")
PAGE = Button("Page: https://x.test/", None, "https://x.test/")

UP, DOWN, ENTER, CTRL_C, CTRL_D = "\x1b[A", "\x1b[B", "\r", "\x03", "\x04"


class Screen:
    """What the shell prints beside its prompts."""

    def __init__(self) -> None:
        self.output, self.errors = io.StringIO(), io.StringIO()
        self.history = InMemoryHistory()

    def terminal(self) -> Terminal:
        return Terminal(
            self.history, Console(file=self.output, width=20), Console(file=self.errors, width=20)
        )


@contextmanager
def pressing(keys: str) -> Iterator[Screen]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys + CTRL_D)  # keys that do not suffice must not wait for more
        yield Screen()


@pytest.mark.parametrize(
    ("rule", "keys", "expected"),
    [
        ("a line is stripped and sent", f"  hi {ENTER}", "hi"),
        ("nothing typed asks again", f"{ENTER}  {ENTER}hi{ENTER}", "hi"),
        ("/stop leaves", f"/stop{ENTER}", None),
        ("Ctrl-D leaves", CTRL_D, None),
        ("Ctrl-C drops the line", f"oops{CTRL_C}hi{ENTER}", "hi"),
        ("a number is a message where no buttons are", f"1{ENTER}", "1"),
    ],
)
def test_a_line(rule: str, keys: str, expected: str | None) -> None:
    with pressing(keys) as screen:
        assert screen.terminal().next_message([]) == expected, rule


@pytest.mark.parametrize(("typed", "expected"), [("", ["/stop"]), ("/s", ["/stop"]), ("s", [])])
def test_stop_is_completed(typed: str, expected: list[str]) -> None:
    completions = COMPLETER.get_completions(Document(typed), CompleteEvent())

    assert [completion.text for completion in completions] == expected


@pytest.mark.parametrize(
    ("rule", "keys", "expected"),
    [
        ("Enter takes the first", ENTER, "/affirm"),
        ("arrow keys move", f"{DOWN}{ENTER}", "/deny"),
        ("and back", f"{DOWN}{UP}{ENTER}", "/affirm"),
        ("a number moves too", f"2{ENTER}", "/deny"),
        ("the last entry asks for a text", f"{DOWN}{DOWN}{DOWN}{ENTER}maybe{ENTER}", "maybe"),
        ("/stop leaves from there", f"4{ENTER}/stop{ENTER}", None),
        ("Ctrl-C drops the list and asks for a text", f"{CTRL_C}maybe{ENTER}", "maybe"),
        ("Ctrl-D leaves", CTRL_D, None),
        ("a link sends nothing: the list comes again", f"3{ENTER}2{ENTER}", "/deny"),
    ],
)
def test_buttons_are_a_list_to_pick_from(rule: str, keys: str, expected: str | None) -> None:
    with pressing(keys) as screen:
        assert screen.terminal().next_message([YES, NO, PAGE]) == expected, rule


def test_a_picked_link_is_shown() -> None:
    with pressing(f"1{ENTER}{CTRL_D}") as screen:
        screen.terminal().next_message([PAGE])

    assert screen.output.getvalue() == "Link: https://x.test/\n"


def test_the_history_holds_what_was_typed_not_what_was_picked() -> None:
    with pressing(f"typed{ENTER}{ENTER}") as screen:
        terminal = screen.terminal()
        assert [terminal.next_message([]), terminal.next_message([YES])] == ["typed", "/affirm"]

    assert screen.history.get_strings() == ["typed"]


def test_buttons_are_printed_when_another_message_follows_them() -> None:
    with pressing("") as screen:
        terminal = screen.terminal()
        terminal.show({"text": "Sure?", "buttons": [{"title": "yes", "payload": "/affirm"}]})
        assert screen.output.getvalue() == "Sure?\n"
        terminal.show({"image": "https://x.test/a-long-address.png"})

    assert screen.output.getvalue() == (
        "Sure?\nButtons:\n1: yes (/affirm)\nImage: https://x.test/a-long-address.png\n"
    )


def test_the_next_answer_does_not_repeat_them() -> None:
    with pressing(ENTER) as screen:
        terminal = screen.terminal()
        terminal.show({"text": "Sure?", "buttons": [{"title": "yes", "payload": "/affirm"}]})
        terminal.next_message([YES])
        terminal.show({"text": "Good"})

    assert screen.output.getvalue() == "Sure?\nGood\n"


def test_a_bots_text_is_no_markup() -> None:
    with pressing("") as screen:
        screen.terminal().show({"text": "[red]x[/red] :smile: \x1b[31mred"})

    assert screen.output.getvalue() == "[red]x[/red] :smile: red\n"


def test_ctrl_c_while_the_assistant_works_stops_the_waiting_only() -> None:
    with pressing("") as screen:
        terminal = screen.terminal()
        with terminal.waiting():
            raise KeyboardInterrupt

    assert screen.errors.getvalue().startswith("Not waiting any longer")


def test_remarks_and_errors_are_kept_apart_from_the_messages() -> None:
    with pressing("") as screen:
        screen.terminal().note("Talking to a long address that is not wrapped")
        screen.terminal().fail("down")

    assert screen.output.getvalue() == ""
    assert screen.errors.getvalue() == "Talking to a long address that is not wrapped\ndown\n"


@pytest.mark.parametrize("before", [None, 0o644])
def test_the_history_file_is_the_users_alone(tmp_path: Path, before: int | None) -> None:
    path = tmp_path / "messaging-channels" / "shell_history"
    if before is not None:
        path.parent.mkdir()
        path.touch(before)

    open_history({"XDG_STATE_HOME": str(tmp_path)}).append_string("mine")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().endswith("+mine\n")


def test_the_history_of_an_earlier_run_is_there(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    open_history(environ).append_string("mine")

    assert list(open_history(environ).load_history_strings()) == ["mine"]


def test_a_state_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.touch()

    with pytest.raises(OSError, match="file"):
        open_history({"XDG_STATE_HOME": str(occupied)})
