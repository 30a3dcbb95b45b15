"""Runs the scripts of tests/node: vendors' own JavaScript as a judge of what we send."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "node"


def find_node() -> str:
    """Node.js; where it or its packages are not installed the test is skipped, unless in CI."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        missing = "Node.js and `make test` (npm ci in tests/node) are needed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return node


def run_node(script: str, given: Any) -> Any:
    """What tests/node/<script> prints for the JSON on its standard input."""
    node = find_node()
    done = subprocess.run(  # noqa: S603 - our own script
        [node, str(FOLDER / script)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
