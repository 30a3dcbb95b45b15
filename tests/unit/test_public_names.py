"""What authors of channels and agents import: `from channels import ...`, and nothing else."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import channels
from channels.wiring.registry import BUILT_IN
from ops import ROOT

PUBLIC = [
    "Agent",
    "AgentError",
    "AgentTimeout",
    "AgentUnavailable",
    "AnswerForm",
    "BearerAuthentication",
    "Blueprint",
    "CollectingOutputChannel",
    "CredentialsError",
    "InputChannel",
    "OutputChannel",
    "PayloadError",
    "PlatformApi",
    "PlatformUnavailable",
    "QueueOutputChannel",
    "RateLimited",
    "RecipientGone",
    "Request",
    "Response",
    "SendError",
    "UserMessage",
    "VerificationError",
    "accept_unsigned",
    "webhook",
]
#: Modules that are public beside the door: Rasa's own module name, and the built-in connectors.
MODULES = {"channels", "channels.channel", *(f"channels.{name}" for name in BUILT_IN)}


def test_the_door_has_these_names():
    assert channels.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_name_is_what_its_module_has(name):
    assert getattr(channels, name).__name__ == name
    assert name in dir(channels)


def test_another_name_is_not_there():
    with pytest.raises(AttributeError, match="'channels' has no attribute 'Inbox'"):
        channels.Inbox  # noqa: B018


def test_types_are_those_of_run_time():
    tree = ast.parse(Path(channels.__file__).read_text(encoding="utf-8"))
    checked = {
        alias.name: node.module.removeprefix("channels.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module != "importlib"
        for alias in node.names
    }
    assert checked == channels._MODULES


def test_the_door_loads_nothing_by_itself():
    code = "import sys; import channels; print(sorted(n for n in sys.modules if 'channels.' in n))"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-S", "-c", code],
        cwd=ROOT / "layers" / "channels",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "ops" / "scaffold" / "custom_files").glob("*my_channel.py")),
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
    ],
    ids=lambda path: path.name,
)
def test_documentation_and_scaffold_teach_the_door_alone(path):
    taught = set(
        re.findall(
            r"^ *(?:from|import) (channels[\w.]*)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    assert taught <= MODULES
