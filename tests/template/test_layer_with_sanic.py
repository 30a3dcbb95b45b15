"""The real Sanic in the layer, on request: connectors answer as they do on the stand-in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops import ROOT
from ops.local.sam import architecture
from tests.connectors import calls
from tests.template.conftest import build_layer

BARE_PYTHON = str(Path(sys.base_prefix) / "bin" / "python3.13")
REQUIREMENT = "sanic==25.12.1\n"
#: Some of the calls whose answers tests/unit/http/test_sanic_oracle.py compares.
SOME = ["text", "form", "streamed", "no route", "middleware", "upload", "checked", "gateway"]


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    """The layer of a project whose addons require Sanic."""
    tree = tmp_path_factory.mktemp("sanic") / "project"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "layers", tree / "layers", ignore=ignored)
    shutil.copytree(ROOT / "functions", tree / "functions", ignore=ignored)
    shutil.copy(ROOT / "template.yaml", tree)
    (tree / ".venv").symlink_to((ROOT / ".venv").resolve())
    (tree / "layers" / "channels" / "addons" / "requirements.txt").write_text(REQUIREMENT)
    return build_layer(tree, tree.parent / "build", architecture())


@pytest.fixture(scope="module")
def answers(layer):
    """The answers of the connectors there, in a Python that has nothing but that layer."""
    code = "import os, sys; sys.path[:0] = [os.environ['LAYER'], os.environ['ROOT']];"
    code += "from tests.connectors import calls; import json, sanic;"
    code += "print(json.dumps([calls.answers(), sanic.__version__]))"
    done = subprocess.run(  # noqa: S603
        [BARE_PYTHON, "-I", "-S", "-c", code],
        env={"PATH": os.defpath, "LAYER": str(layer / "python"), "ROOT": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answered, version = json.loads(done.stdout)
    assert version == REQUIREMENT.strip().partition("==")[2]
    return answered


def test_the_real_one_is_there_compiled_and_the_stand_in_is_not(layer):
    package = layer / "python" / "sanic"
    assert (package / "app.py").is_file()
    assert list((package / "__pycache__").glob("app.*.pyc"))
    assert not (package / "missing.py").exists()


@pytest.mark.parametrize("name", SOME)
def test_connectors_answer_as_on_the_stand_in(answers, stand_in_answers, name):
    assert calls.without_words(answers[name]) == calls.without_words(stand_in_answers[name])


@pytest.fixture(scope="module")
def stand_in_answers():
    """The answers on the stand-in, as JSON has them."""
    return json.loads(json.dumps(calls.answers()))
