"""Runs the cases of tests/node/webchat: a browser, and what a case is told of the pages."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

import pytest

from tests.node_scripts import FOLDER, find_node

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120.0  # seconds for a case


def find_chromium() -> str:
    """The browser; without one the test is skipped, unless in CI."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing = "Chromium is needed: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


class Browser:
    """A browser in which cases run one after another, each with windows and storage of its own.

    To start one takes longer than most cases. One that has failed is followed by a new one.
    """

    def __init__(self, chromium: str) -> None:
        self._chromium = chromium
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None

    def visit(self, case: str, folder: Path, **urls: str) -> None:
        """Run a case; nothing that the browser says may be wrong.

        `urls` are those of conftest's `urls`; screenshots go to `folder`, or to $SCREENSHOTS.
        """
        given = {"case": case, "folder": os.environ.get("SCREENSHOTS") or str(folder), **urls}
        report = self._ask(given)
        if report != {"errors": [], "violations": [], "inaccessible": []}:
            self.close()
            pytest.fail(report.get("failure") or json.dumps(report, indent=1))

    def close(self) -> None:
        """End it, as it does when there are no more cases, or else at once."""
        if self._process is None:
            return
        process, self._process = self._process, None
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        if self._errors is not None:
            self._errors.close()

    def _ask(self, given: dict[str, str]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if ready else ""
        if line:
            report: dict[str, Any] = json.loads(line)
            return report
        assert self._errors is not None
        self._errors.seek(0)
        return {"failure": f"no answer within {PATIENCE} s: {self._errors.read()}"}

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with it
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                [find_node(), str(FOLDER / "webchat" / "run.mjs"), self._chromium],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
            )
        return self._process
