"""Which credentials file a command reads."""

from pathlib import Path

import pytest

from ops.credentials.chosen_file import choose, remember, remembered, remembered_by_running
from tests.unit.ops.moto_stack import moto_stack

DEFAULT, FORMER, MINE = "credentials.yml", "credentials.local.yml", "mine.yml"

#: Files that are there, the one that the stack remembers, the one that is chosen.
CHOICES = {
    "none": ((), None, None),
    "the default": ((DEFAULT,), None, DEFAULT),
    "its former name": ((FORMER,), None, FORMER),
    "both names": ((DEFAULT, FORMER), None, DEFAULT),
    "the remembered one": ((DEFAULT, FORMER, MINE), MINE, MINE),
    "the former default, remembered": ((DEFAULT, FORMER), FORMER, FORMER),
    "the default under its new name": ((DEFAULT,), FORMER, DEFAULT),
    "the default under its former name": ((FORMER,), DEFAULT, FORMER),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CHOICES)
def test_without_a_name(folder, case):
    there, before, expected = CHOICES[case]
    for name in there:
        (folder / name).touch()
    chosen = choose(None, folder / before if before else None)
    assert chosen.path == (expected and Path(expected))
    assert not chosen.is_gone


@pytest.mark.parametrize("before", [MINE, DEFAULT, FORMER])
def test_the_one_that_is_named_comes_first(folder, before):
    for name in (DEFAULT, FORMER, MINE):
        (folder / name).touch()
    assert choose(Path("named.yml"), folder / before).path == Path("named.yml")


@pytest.mark.parametrize(("before", "there"), [(MINE, (DEFAULT, FORMER)), (DEFAULT, ())])
def test_one_that_has_gone_is_told(folder, before, there):
    for name in there:
        (folder / name).touch()
    chosen = choose(None, folder / before)
    assert (chosen.path, chosen.is_gone) == (Path(before), True)


def test_a_default_of_another_folder_is_not_this_one_s(folder):
    (folder / DEFAULT).touch()
    assert choose(None, folder / "elsewhere" / DEFAULT).is_gone


@pytest.mark.parametrize(
    ("there", "before", "note"),
    [
        ((DEFAULT,), None, ""),
        ((DEFAULT,), DEFAULT, ""),
        ((FORMER,), None, "the default is credentials.yml now: rename it"),
        ((DEFAULT, FORMER), None, "not of credentials.local.yml, the default before"),
        ((DEFAULT, MINE), MINE, "the file that it was given before"),
    ],
)
def test_what_is_not_expected_is_told(folder, there, before, note):
    for name in there:
        (folder / name).touch()
    assert choose(None, folder / before if before else None).note == note


def test_the_former_name_is_the_local_stack_s_only(folder):
    (folder / FORMER).touch()
    assert choose(None, is_local=False).path is None


def test_a_stack_remembers_the_last_file(folder):
    with moto_stack() as moto:
        assert remembered(moto.stack) is None
        remember(moto.stack, Path(MINE))
        assert remembered(moto.stack) == folder / MINE
        remember(moto.stack, folder / "b" / DEFAULT)
        assert remembered(moto.stack) == folder / "b" / DEFAULT


def test_a_stack_that_is_down_remembers_nothing(folder):
    (folder / "stack.json").write_text("{}")  # as a stack leaves it that was killed
    (folder / "port").write_text("4566")
    assert remembered_by_running(folder) is None
