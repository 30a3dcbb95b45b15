"""What concerns all tests: hypothesis without time limits, the figures that some tests report."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.e2e.faults.figures import tables

# How long an example takes says nothing on a machine that does other things too.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures after the tests, wherever these ran."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    properties = [each for report in reports for each in getattr(report, "user_properties", ())]
    for table in tables(properties):
        terminalreporter.section("figures")
        terminalreporter.line(table)
