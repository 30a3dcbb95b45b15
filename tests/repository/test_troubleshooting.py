"""docs/troubleshooting.md quotes what the commands say, word for word."""

import ast
import re

import pytest

from ops import ROOT
from tests.documentation import Page

PAGE = Page("docs/troubleshooting.md")


def quoted():
    """What stands in code in the columns on what `doctor` and `trace` say."""
    is_said = False
    for line in PAGE.text.splitlines():
        cells = re.split(r" *(?<!\\)\| *", line.strip("|"))
        if line.startswith("| what you see"):
            is_said = "`doctor`" in cells[1]
        elif is_said and line.startswith("| "):
            yield from (each for each in re.findall(r"`([^`]+)`", cells[1]) if " " in each)


def said():
    """All texts in the code of the commands."""
    for path in (ROOT / "ops").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


SAID = list(said())
QUOTED = sorted(set(quoted()))


@pytest.mark.parametrize("text", QUOTED)
def test_a_quotation_is_what_is_said(text):
    assert any(text in each for each in SAID)


def test_there_are_quotations():
    assert len(QUOTED) > 15
