"""Runs the cases of tests/node/webchat: a browser, and what a case is told of the pages."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.node_scripts import run_node

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The browser; without one the test is skipped, unless in CI."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing = "Chromium is needed: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def visit(case: str, chromium: str, folder: Path, **urls: str) -> None:
    """Run a case in a fresh browser; nothing that the browser says may be wrong.

    `urls` are those of conftest's `urls`; screenshots go to `folder`, or to $SCREENSHOTS.
    """
    given = {
        "case": case,
        "chromium": chromium,
        "folder": os.environ.get("SCREENSHOTS") or str(folder),
        **urls,
    }
    report: dict[str, Any] = run_node("webchat/run.mjs", given)
    assert report == {"errors": [], "violations": [], "inaccessible": []}
