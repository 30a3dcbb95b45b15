"""Copies of the project, for commands that write into it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ops import ROOT
from tests.documentation import tracked


def copy_of_the_project(tree: Path) -> None:
    """Copy the project's files, as a repository of their own without changes."""
    for name in sorted(tracked()):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    git(tree, "init", "-q")
    commit(tree)


def commit(tree: Path) -> None:
    """Commit all there is."""
    git(tree, "add", "-A")
    git(tree, "-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "-qm", "all")


def git(tree: Path, *arguments: str) -> str:
    """What git says of the copy: of no other repository, whatever a hook's environment names."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def run(tree: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of Python in a copy."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if "PYTEST" not in key and not key.startswith("GIT_")
    }
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
