"""What `ops up` does to the credentials of a stack that has some."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from ops.credentials.chosen_file import remembered
from ops.credentials.parameter_store import ParameterStore
from ops.failure import Failure
from ops.local import credentials as local_credentials
from ops.output import Output
from ops.settings import LocalSettings
from tests.unit.ops.moto_stack import moto_stack

TOKEN = "a-token-for-the-tests-of-the-local-run"
MADE = {"access_token": "42:made-up", "secret_token": "made"}
FILE = f"rest:\n  token: {TOKEN}\ntelegram:\n  access_token: '42:made-up'\n"
EXAMPLE = {"rest": {}, "socketio": {"session_persistence": True}}


class Stack:
    """A running stack, brought up to date as often as a test wants."""

    def __init__(self, stack):
        self.stack = stack
        self.store = ParameterStore(stack)

    def up(self, credentials=None, prune=False):
        """What `ops up` says of the credentials; this stack keeps running."""
        text = io.StringIO()
        path = Path(credentials) if credentials else None
        settings = LocalSettings(None, Path(), path, {}, prune)
        planned = local_credentials.plan(settings, remembered(self.stack))
        output = Output(console=Console(file=text, width=300))
        local_credentials.carry_out(planned, self.stack, prune=prune, output=output)
        assert TOKEN not in text.getvalue()
        return text.getvalue()

    @property
    def sections(self):
        return self.store.credentials()


@pytest.fixture
def stack(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with moto_stack() as moto:
        yield Stack(moto.stack)


def write(text, name="mine.yml"):
    Path(name).write_text(text)
    return name


def test_a_first_start_without_a_file(stack):
    said = stack.up()
    assert "the channels that need no secret" in said
    assert "written: rest, socketio" in said
    assert stack.sections == EXAMPLE


def test_a_second_start_takes_the_file_of_the_first(stack):
    stack.up(write(FILE))
    stack.store.push({"telegram": MADE})
    before = stack.sections
    said = stack.up()
    assert "Credentials of mine.yml (the file that it was given before)" in said
    assert "unchanged: rest, telegram" in said
    assert stack.sections == before == {"rest": {"token": TOKEN}, "telegram": MADE}


def test_what_the_file_lacks_is_kept_and_told(stack):
    stack.up(write(FILE))
    stack.store.push({"telegram": MADE})
    write(f"rest:\n  token: {TOKEN}\n")
    assert "kept on the stack: telegram (PRUNE=1 removes them)" in stack.up()
    assert stack.sections["telegram"] == MADE


def test_another_file_adds_to_what_is_there(stack):
    stack.up(write(FILE))
    stack.up(write("socketio:\n", "other.yml"))
    assert set(stack.sections) == {"rest", "telegram", "socketio"}
    assert "Credentials of other.yml (the file that it was given before)" in stack.up()


def test_told_to_prune_it_removes_what_the_file_lacks(stack):
    stack.up(write(FILE))
    stack.store.push({"telegram": MADE, "socketio": {}})
    write("telegram:\n  access_token: '42:made-up'\n")
    said = stack.up(prune=True)
    assert "removed: rest, socketio" in said
    assert "kept" not in said
    assert stack.sections == {"telegram": MADE}


def test_a_file_that_has_gone_changes_nothing(stack):
    stack.up(write(FILE))
    before = stack.sections
    Path("mine.yml").unlink()
    said = stack.up()
    assert (
        "mine.yml, the credentials file of this stack, is gone: what the stack has is kept" in said
    )
    assert stack.sections == before
    with pytest.raises(Failure, match=r"PRUNE removes .* mine\.yml is gone"):
        stack.up(prune=True)
    write("rest:\n")
    assert "Credentials of mine.yml" in stack.up()
    assert stack.sections["rest"] == {}


def test_the_example_takes_no_sections_place(stack):
    stack.store.push({"rest": {"token": TOKEN}, "telegram": MADE})
    said = stack.up()
    assert "written: socketio" in said
    assert "kept on the stack: telegram (PRUNE=1" in said
    assert stack.sections == {"rest": {"token": TOKEN}, "telegram": MADE} | {
        "socketio": EXAMPLE["socketio"]
    }
    stack.up(prune=True)
    assert stack.sections == EXAMPLE


def test_what_is_to_be_registered_is_told(stack):
    assert "telegram works after: python -m ops register telegram" in stack.up(write(FILE))
    stack.store.push({"telegram": MADE})
    assert "works after" not in stack.up()


@pytest.mark.parametrize(
    ("text", "cause"),
    [(None, r"mine\.yml: cannot be read"), ("slak:\n", "slak"), ("rest: [1]\n", "mapping")],
)
def test_a_file_that_does_not_work_changes_nothing(stack, text, cause):
    stack.up(write(FILE, "first.yml"))
    before = stack.sections
    if text:
        write(text)
    with pytest.raises(Failure) as refused:
        stack.up("mine.yml")
    assert re.search(cause, refused.value.cause)
    assert stack.sections == before
    assert remembered(stack.stack) == Path.cwd() / "first.yml"
