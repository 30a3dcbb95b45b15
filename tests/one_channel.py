"""The tests of one channel: `python -m tests.one_channel slack`, which `make test-channel` runs.

They are those in its own folders and files, and its rows in the tests of all channels, as far as
they need no stack.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from ops import ROOT

#: Tests of all channels, with a row for each.
OF_ALL = ("contract", "functions")

WITH_A_STACK = ("e2e",)


class OneChannel:
    """Selects a channel's tests from what pytest has collected."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._in_a_row = re.compile(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9_])")

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave the tests of other channels out."""
        others = [item for item in items if not self.has(item.nodeid)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if self.has(item.nodeid)]

    def has(self, nodeid: str) -> bool:
        """Whether a test, or its parameters, are of this channel."""
        path, _, test = nodeid.partition("::")
        if self._name in path.split("/") or Path(path).stem == f"test_{self._name}":
            return True
        return self._in_a_row.search(test.partition("[")[2]) is not None


def names(tests: Path) -> list[str]:
    """The channels that have tests: those built in, and users' own."""
    from channels.wiring.registry import BUILT_IN  # `ops` has said where it is

    addons = [path.stem.removeprefix("test_") for path in (tests / "addons").glob("test_*.py")]
    return sorted([*(each for each in BUILT_IN if paths(each, tests)), *addons])


def paths(name: str, tests: Path) -> list[Path]:
    """Where a channel's tests are, but for its rows in the tests of all."""
    found = [*tests.glob(f"*/{name}"), *tests.glob(f"*/test_{name}.py")]
    return [path for path in found if path.parent.name not in WITH_A_STACK]


def main(arguments: list[str]) -> int:
    """Run a channel's tests; 2, and the names, where there is no such channel."""
    name, *options = arguments or [""]
    tests = ROOT / "tests"
    if name not in (known := names(tests)):
        said = f"No channel '{name}'. " if name else ""
        print(f"{said}Give one: make test-channel CHANNEL={'|'.join(known)}", file=sys.stderr)
        return 2
    own = [path for path in paths(name, tests) if path.parent.name not in OF_ALL]
    chosen = [*own, *(tests / each for each in OF_ALL)]
    return int(pytest.main([*map(str, chosen), *options], plugins=[OneChannel(name)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
