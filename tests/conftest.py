"""What concerns all tests: how they share the processors, hypothesis without time limits, the
figures that some tests report.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.e2e.faults.figures import tables

# How long an example takes says nothing on a machine that does other things too.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class ByStack(LoadScopeScheduling):
    """Hands out whole files, and a folder of end-to-end tests as one: it shares a stack."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return str(path.parent if path.parts[1:2] == ("e2e",) and len(path.parts) > 3 else path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    """In the order of collection, so that the slow end-to-end tests begin early."""
    config.option.loadscopereorder = False
    return ByStack(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures after the tests, wherever these ran."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    properties = [each for report in reports for each in getattr(report, "user_properties", ())]
    for table in tables(properties):
        terminalreporter.section("figures")
        terminalreporter.line(table)
