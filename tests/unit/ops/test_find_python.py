import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops import ROOT

SCRIPT = ROOT / "ops" / "find-python"
BASE = Path(sys.base_prefix) / "bin" / "python3.13"


def find(home, path):
    environment = {"HOME": str(home), "PATH": f"{path}{os.pathsep}{os.defpath}"}
    return subprocess.run(  # noqa: S603
        [str(SCRIPT)], env=environment, capture_output=True, text=True, check=False
    )


def shim(folder, name, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def found(done):
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip()).resolve()


@pytest.mark.parametrize("name", ["python3.13", "python3"])
def test_on_path(tmp_path, name):
    shim(tmp_path / "bin", name, f'exec "{BASE}" "$@"')
    assert found(find(tmp_path, tmp_path / "bin")) == BASE.resolve()


def test_in_pyenv_though_its_shim_refuses(tmp_path):
    shim(
        tmp_path / "bin", "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127"
    )
    versions = tmp_path / ".pyenv" / "versions" / "3.13.0" / "bin"
    versions.mkdir(parents=True)
    (versions / "python3.13").symlink_to(BASE)
    assert found(find(tmp_path, tmp_path / "bin")) == BASE.resolve()


def test_with_uv(tmp_path):
    shim(tmp_path / "bin", "uv", f'[ "$*" = "python find 3.13" ] && echo "{BASE}"')
    assert found(find(tmp_path, tmp_path / "bin")) == BASE.resolve()


def test_none_says_how_to_get_one(tmp_path):
    for name in ("python3.13", "python3", "python"):
        shim(tmp_path / "bin", name, "exit 1")
    done = find(tmp_path, tmp_path / "bin")
    assert done.returncode == 1
    assert done.stdout == ""
    for way in ("No Python 3.13 found", "uv python install", "pyenv install", "apt install"):
        assert way in done.stderr
