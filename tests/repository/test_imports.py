"""Imports point down: no module imports one of a room above its own, and none leads back to itself.

Imports for type checking alone are left out: nothing happens by them.
"""

import ast
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from channels.wiring.registry import BUILT_IN
from tests.repository.test_structure import ROOT

#: Rooms of `channels`, from the top down; names on one line are of one floor. What is not named
#: here is refused, so that a new room gets its floor. `CHANNELS` are the folders of those channels
#: that no other one builds on.
LAYER = """
    handlers
    wiring
    aws
    CHANNELS
    rest twilio
    agents
    turns
    channel
    output
    auth
    clients
    http
    messages
    telemetry
    section
    errors
"""
#: The same of `ops`.
OPS = """
    __main__
    local scaffold shell website
    events
    tracing
    diagnosis
    erasure
    letters
    registration
    credentials
    platforms
    stack
    emulator
    findings
    settings output
    failure loopback wording
"""
PACKAGES = {
    "channels": (ROOT / "layers" / "channels", LAYER),
    "ops": (ROOT, OPS),
}


class Import:
    """One import: the line where it stands, and the module that is imported."""

    def __init__(self, path: Path, line: int, module: str) -> None:
        self.path, self.line, self.module = path, line, module

    def __str__(self) -> str:
        text = self.path.read_text(encoding="utf-8").splitlines()[self.line - 1].strip()
        return f"{self.path.relative_to(ROOT)}:{self.line}: {text}"


def modules(root: Path, *packages: str) -> dict[str, Path]:
    found = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> list[Import]:
    """What a module imports of the known ones, inside its functions too."""
    found = []
    for node in _run(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            of_package = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else node.module for name in of_package]
        else:
            continue
        found += [Import(path, node.lineno, name) for name in names if name in known]
    return found


def _run(tree: ast.AST) -> list[ast.AST]:
    """The nodes that are run: all but what stands under `if TYPE_CHECKING:`."""
    nodes = [tree]
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            nodes += [node for each in child.orelse for node in _run(each)]
        else:
            nodes += _run(child)
    return nodes


def floors(order: str) -> dict[str, int]:
    folders = {path.split(".")[1] for path in BUILT_IN.values()} - {*order.split()}
    order = order.replace("CHANNELS", " ".join(sorted(folders)))
    lines = [line.split() for line in order.split("\n") if line.strip()]
    return {room: -floor for floor, line in enumerate(lines) for room in line}


def upward(package: str, root: Path, order: str) -> list[str]:
    known, height = modules(root, package), floors(order)
    wrong = []
    for name, path in known.items():
        if name == package:
            continue
        room = name.split(".")[1]
        assert room in height, f"{path.relative_to(ROOT)}: its room has no floor in {__file__}"
        for each in imports(path, known):
            other = each.module.split(".")[1] if "." in each.module else room
            if other != room and height[other] >= height[room]:
                wrong.append(f"{each}\n    {room} is not above {other}")
    return wrong


def circle(known: dict[str, Path]) -> list[str]:
    """The lines of one circle of imports; empty when there is none."""
    graph = {name: imports(path, known) for name, path in known.items()}
    edges = {name: {each.module for each in of} - {name} for name, of in graph.items()}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        way = error.args[1][::-1]
        return [
            str(next(each for each in graph[name] if each.module == after))
            for name, after in pairwise(way)
        ]
    return []


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_down(package):
    wrong = upward(package, *PACKAGES[package])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("root", "packages"),
    [
        (ROOT / "layers" / "channels", ("channels", "rasa")),
        (ROOT, ("ops",)),
        (ROOT, ("functions", "benchmarks")),
    ],
    ids=["layer", "ops", "functions and benchmarks"],
)
def test_no_import_leads_back(root, packages):
    lines = circle(modules(root, *packages))
    assert not lines, "a circle:\n" + "\n".join(lines)
