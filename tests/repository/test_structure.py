"""House rules that hold for every file of the repository."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from channels.wiring.registry import BUILT_IN

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "channels"
MODULES = sorted(
    path
    for folder in ("layers", "functions", "ops", "integrations", "benchmarks", "tests")
    for path in (ROOT / folder).rglob("*.py")
)
AWS_LIBRARIES = {"boto3", "botocore", "aws_lambda_powertools"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_fits_on_a_few_screens(path):
    # test modules are tables and may be longer
    limit = 600 if "tests" in path.parts else 400
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize(
    "path", sorted(LAYER.rglob("*.py")), ids=lambda path: str(path.relative_to(LAYER))
)
def test_imports_point_inward(path):
    names = set(imports(path))
    relative = path.relative_to(LAYER)
    if relative.parts[:2] not in (("channels", "aws"), ("channels", "handlers")):
        assert not {name.partition(".")[0] for name in names} & AWS_LIBRARIES
    assert not any(name.split(".")[0] in ("functions", "ops", "tests") for name in names)
    if relative.parts[0] == "channels":
        assert not any(name.split(".")[0] in ("rasa", "addons") for name in names)


def test_the_environment_is_read_in_one_place():
    readers = {
        str(path.relative_to(ROOT))
        for path in [*LAYER.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
        if re.search(r"os\.environ|os\.getenv", path.read_text(encoding="utf-8"))
    }
    assert readers == {"layers/channels/channels/wiring/settings.py"}


def test_rasas_module_paths_hold_no_logic():
    for path in (LAYER / "rasa").rglob("*.py"):
        kinds = {type(node) for node in ast.parse(path.read_text(encoding="utf-8")).body}
        assert kinds <= {ast.Expr, ast.ImportFrom, ast.Assign}, path


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - {"cmdline"}))
def test_a_channel_bears_one_name_everywhere(name):
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert (ROOT / "functions" / name / "app.py").is_file()
    assert list((ROOT / "events" / name).glob("*.json"))
    assert f"CodeUri: functions/{name}" in template
    assert re.search(rf"^#?\s*{name}:", (ROOT / "credentials.example.yml").read_text(), re.M)
    assert (ROOT / "docs" / "channels" / f"{name}.md").is_file()
    assert f"(docs/channels/{name}.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_events_are_named_after_a_channel():
    addons = {path.stem for path in (LAYER / "addons").glob("*.py")}
    assert {path.name for path in (ROOT / "events").iterdir()} <= {*BUILT_IN, *addons}


def test_no_committed_file_names_a_machine():
    tracked = subprocess.run(
        ["git", "grep", "-nIE", r"/(work|root)/[a-z.]"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    mine = "tests/repository/test_structure.py"
    assert [line for line in tracked.stdout.splitlines() if not line.startswith(mine)] == []
