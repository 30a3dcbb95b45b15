"""The commands of the documentation: each is run, each option exists, each target is there."""

import argparse
import ast
import re
import shlex

import pytest

from ops import ROOT
from ops.__main__ import parser
from tests.documentation import COMMANDS, GUIDES
from tests.documented_commands import BY_A_TEST, HERE, NOT_HERE

TYPED = {command.typed for command in COMMANDS}
OPS = "python -m ops "
#: Options of other programs, which stand alone in the text.
FOREIGN = {"--credentials"}

CALLS = sorted(
    {
        each.partition(OPS)[2].partition(" |")[0]
        for each in [*TYPED, *(code for page in GUIDES for code in page.code)]
        if OPS in each and "..." not in each.partition(OPS)[2]
    }
)
OPTIONS = sorted(
    {
        option
        for page in GUIDES
        for code in page.code
        if code.startswith("--")
        for option in re.findall(r"--[\w-]+", code)
    }
    - FOREIGN
)
TARGETS = sorted(
    {
        target
        for text in [*TYPED, *(code for page in GUIDES for code in page.code)]
        for target in re.findall(r"^make ([a-z-]+)", text)
    }
)


def subparsers(of):
    """A parser's subcommands, by name."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def options_of(of):
    """All options of a parser and of its subcommands."""
    own = {option for action in of._actions for option in action.option_strings}
    return own.union(*(options_of(each) for each in subparsers(of).values()))


def functions(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_command_is_run_by_a_test_or_says_why_not():
    lists = [*HERE, *BY_A_TEST, *NOT_HERE]
    assert sorted(lists) == sorted(set(lists)), "one is in two lists"
    assert set(lists) == TYPED, "see tests/documented_commands.py"


@pytest.mark.parametrize("typed", sorted(BY_A_TEST))
def test_the_test_of_a_command_does_what_it_does(typed):
    path, _, name = BY_A_TEST[typed].partition("::")
    assert name in functions(path)
    if OPS in typed:
        text = (ROOT / path).read_text(encoding="utf-8")
        words = shlex.split(typed.partition(OPS)[2].replace("--stack-name channels-prod", ""))
        assert re.search(rf"\b{words[0]}\b", text)
        assert [word for word in words if word.startswith("--") and f'"{word}"' not in text] == []


@pytest.mark.parametrize("call", CALLS)
def test_a_command_of_ours_is_understood(call):
    words = shlex.split(re.sub(r"<[^>]+>", "placeholder", call))
    command = parser()
    while words and words[0] in subparsers(command):
        command = subparsers(command)[words.pop(0)]
    assert command.prog != parser().prog, "no such command"
    assert {word for word in words if word.startswith("--")} <= options_of(command)


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_exists(option):
    assert option in options_of(parser())


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_in_the_makefile(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}: .*## ", makefile, re.M)


def test_commands_are_found():
    assert len(TYPED) > 30
    assert len(CALLS) > 20
    assert len(OPTIONS) > 5
    assert {"run", "test", "up", "deploy"} <= set(TARGETS)
