"""One stack for all tests of sockets, whose credentials change from test to test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.stack.stack_file import StackFile
from tests.browser.conftest import browser, chromium
from tests.e2e.conftest import LocalRun
from tests.e2e.faults.deployed_stack import DeployedStack
from tests.e2e.faults.figures import Figures

__all__ = ["browser", "chromium"]  # fixtures

#: What most tests use.
OPEN = {"session_persistence": True}


class SocketStack:
    """The stack, and the `socketio` section that it works with now."""

    def __init__(self, run: LocalRun, folder: Path) -> None:
        self._run = run
        self._file = folder / "credentials.yml"
        self._section: dict[str, Any] | None = OPEN
        self._agent: dict[str, Any] | None = None
        self._write()
        self.stack: StackFile = run.up(CREDENTIALS=str(self._file))

    def use(self, section: dict[str, Any]) -> StackFile:
        """Make it the section of the running stack, if it is not."""
        if section != self._section:
            self._section = section
            self._write()
            done = self._run.ops("credentials", "push", str(self._file))
            assert done.returncode == 0, done.stderr + done.stdout
        return self.stack

    def forget(self, session: str) -> None:
        """Erase what the stack keeps of a session's user."""
        done = self._run.ops("forget", "socketio", session)
        assert done.returncode == 0, done.stderr + done.stdout

    @contextmanager
    def agent(self, name: str, section: dict[str, Any]) -> Iterator[StackFile]:
        """Another agent, `module:Class`, for the length of the block; open to everybody."""
        self._agent = section
        self._section = None
        deployed = DeployedStack(self._run, self.stack)
        try:
            with deployed.environment("ConversationFunction", AGENT=name):
                yield self.use(OPEN)
        finally:
            self._agent = None

    def _write(self) -> None:
        sections = {"rest": None, "socketio": self._section}
        if self._agent is not None:
            sections["agent"] = self._agent
        self._file.write_text(yaml.safe_dump(sections), encoding="utf-8")


@pytest.fixture(scope="package")
def sockets(
    new_local_run: Callable[[], LocalRun], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SocketStack]:
    """The stack of this folder's tests."""
    run = new_local_run()
    yield SocketStack(run, tmp_path_factory.mktemp("sockets"))
    run.down()


@pytest.fixture
def stack(sockets: SocketStack) -> StackFile:
    """The stack, open to everybody, with sessions."""
    return sockets.use(OPEN)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Takes the test's figures for the tables at the end of the run."""
    return Figures(record_property)
