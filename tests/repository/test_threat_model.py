"""The threat model's tests exist, and what it says of the whole code holds."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from channels.wiring.registry import BUILT_IN

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "channels" / "channels"
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "| attack |" not in line]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)(?:\[(\w+)\])?`", TEXT)))

#: Libraries that open connections.
NETWORK = {"requests", "urllib3", "http.client", "urllib.request", "socket", "boto3"}

#: Who uses them: where a connection goes is said by the credentials, a parameter of the template,
#: or an address that was proved; never by a message alone.
WITH_CONNECTIONS = {
    "clients/addresses.py",  # names into addresses, for callbacks
    "agents/chat_completions.py",
    "agents/rasa.py",
    "agents/rasa_remote.py",
    "aws/client/access_keys.py",  # a function's own keys, of the runtime beside it
    "aws/bedrock_agent.py",
    "aws/client/signed_http.py",
    "aws/client/tls.py",
    "auth/key_set.py",
    "callback/delivery.py",
    "clients/http_pool.py",
    "clients/platform_api.py",
    "handlers/callback_worker.py",
    "handlers/conversations_api.py",
    "handlers/worker.py",
    "botframework/connector.py",
}

#: A channel's calls of its platform, at the address that its section gives.
OF_CHANNELS = {f"{path.split('.')[1]}/api.py" for path in BUILT_IN.values()}

#: Comparisons that a caller learns nothing from.
HARMLESS = {
    "self._token != refused",  # both are ours
    "bool(sid) != bool(secret)",
    "_issuer(token) == CHAT_ACCOUNT",  # what an unproved token says of itself
}

SECRET_NAME = re.compile(r"secret|token|signature|digest|password", re.IGNORECASE)


def nodes(path, kind):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, kind)]


def imported(path):
    for node in nodes(path, ast.Import | ast.ImportFrom):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from (f"{alias.name}." for alias in node.names)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:40])
def test_every_attack_has_a_defence_and_a_test(row):
    attack, defence, tests, _ = (cell.strip() for cell in row.strip("|").split("|"))
    if set(attack) != {"-"}:
        assert attack
        assert defence
        assert "`tests/" in tests


@pytest.mark.parametrize(("path", "name", "case"), TESTS)
def test_the_test_is_there(path, name, case):
    functions = {node.name for node in nodes(ROOT / path, ast.FunctionDef)}
    assert name in functions
    assert not case or f'"{case}"' in (ROOT / path).read_text(encoding="utf-8")


def test_only_these_modules_open_connections():
    found = {
        path.relative_to(LAYER).as_posix()
        for path in LAYER.rglob("*.py")
        for name in imported(path)
        if name.startswith(tuple(f"{library}." for library in NETWORK))
        and not name.startswith(("urllib3.exceptions", "urllib3.util"))
    }
    assert found - OF_CHANNELS == WITH_CONNECTIONS


def test_secrets_are_compared_in_constant_time():
    compared = {
        ast.unparse(node)
        for path in LAYER.rglob("*.py")
        for node in nodes(path, ast.Compare)
        if any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
        for side in (node.left, *node.comparators)
        if SECRET_NAME.search(ast.unparse(side)) and not isinstance(side, ast.Constant)
    }
    assert compared == HARMLESS


def test_every_library_has_one_version():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"].values()
    lines = (ROOT / "layers" / "channels" / "requirements.txt").read_text().splitlines()
    shipped = [line.partition("#")[0].strip() for line in lines]
    wanted = [*filter(None, shipped), *(each for group in groups for each in group)]
    assert len(wanted) > 30
    assert [each for each in wanted if not re.fullmatch(r"[\w.\[\],-]+==[\w.]+", each)] == []


@pytest.mark.parametrize("name", ["credentials.yml", "credentials.local.yml", ".env"])
def test_credentials_files_are_not_committed(name):
    command = ["git", "check-ignore", "--quiet", name]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603


def test_every_rule_of_checkov_that_is_left_out_says_why():
    lines = (ROOT / ".checkov.yaml").read_text().splitlines()
    skipped = [number for number, line in enumerate(lines) if line.startswith("  - CKV")]
    assert skipped
    assert all(lines[number - 1].startswith("  # ") for number in skipped)
