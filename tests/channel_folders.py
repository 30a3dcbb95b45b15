"""What the tests of all channels know of one: the modules of its folder, tests/channels/<channel>.

    sample.py          SAMPLE of the contract tests (tests/contract)
    row.py             ROW of the tests of its function (tests/functions)
    platform.py        PLATFORM, its users and its server on a stack (tests/e2e/platforms)
    administration.py  the API by which its bots are registered, where it has one

They are found by their names. That each channel has its own is held by
tests/repository/test_channel_folders.py.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "channels"


def of_all(part: str) -> dict[str, Any]:
    """What the channels' modules of a name hold: of `row` their `ROW`, by the channels' names."""
    names = sorted(path.parent.name for path in FOLDER.glob(f"*/{part}.py"))
    return {
        name: getattr(import_module(f"tests.channels.{name}.{part}"), part.upper())
        for name in names
    }
