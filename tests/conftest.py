"""What concerns all tests: how they share the processors, hypothesis without time limits, one
reading of AWS's service descriptions, the figures that some tests report.
"""

from __future__ import annotations

import functools
import os
from pathlib import PurePosixPath
from typing import Any

import botocore.session
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.e2e.faults.figures import tables

# How long an example takes says nothing on a machine that does other things too.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Each session of boto3 reads megabytes of JSON for its clients: four fifths of a test on moto.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)


#: What has a stack of its own: it waits more than it works. The longest first, others before them.
STACKS = (
    "tests/e2e/test_custom_channels.py",
    "tests/e2e/agents",
    "tests/e2e/test_local_run.py",
    "tests/e2e/sockets",
    "tests/e2e/platforms",
    "tests/e2e/faults",
)


class ByStack(LoadScopeScheduling):
    """Hands out whole files, and a folder of end-to-end tests as one: it shares a stack.

    Stacks come first, but one worker has no stack as long as there is something else: while the
    others wait it works.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return str(path.parent if path.parts[1:2] == ("e2e",) and len(path.parts) > 3 else path)

    def _assign_work_unit(self, node: WorkerController) -> None:
        with_stack = sum(self._has_stack(each) for each in self.nodes if each is not node)
        stacks = sorted(filter(_is_stack, self.workqueue), key=_rank)
        others = [each for each in self.workqueue if not _is_stack(each)]
        is_turn_of_others = with_stack >= self.numnodes - 1
        chosen = [*others, *stacks] if is_turn_of_others else [*stacks, *others]
        self.workqueue.move_to_end(chosen[0], last=False)
        super()._assign_work_unit(node)

    def _has_stack(self, node: WorkerController) -> bool:
        units = self.assigned_work[node].items()
        return any(_is_stack(scope) and not all(tests.values()) for scope, tests in units)


def _is_stack(scope: str) -> bool:
    return scope.startswith("tests/e2e/")


def _rank(scope: str) -> int:
    return -STACKS.index(scope) if scope in STACKS else -len(STACKS)


def pytest_xdist_auto_num_workers() -> int | None:
    """One worker more than there are processors, as some wait for stacks; None: as xdist does."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return (os.process_cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    """In the order of collection, where nothing else is said."""
    config.option.loadscopereorder = False
    return ByStack(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures after the tests, wherever these ran."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    properties = [each for report in reports for each in getattr(report, "user_properties", ())]
    for table in tables(properties):
        terminalreporter.section("figures")
        terminalreporter.line(table)
