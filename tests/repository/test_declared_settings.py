"""What a section of credentials.yml may have is what code reads, and what the example shows."""

import ast
import re

import pytest

from channels.wiring.credentials import section_of
from channels.wiring.registry import BUILT_IN
from ops import ROOT
from ops.credentials.registered_settings import SETTINGS as REGISTERED

CHANNELS = ROOT / "layers" / "channels" / "channels"
PLATFORMS = ROOT / "ops" / "platforms"
EXAMPLE = (ROOT / "credentials.example.yml").read_text(encoding="utf-8")
SECTIONS = sorted({*BUILT_IN, "agent", "conversations_api"})

#: The modules that read a section beside those of its folders.
READERS = {
    "agent": [
        *(CHANNELS / "agents").glob("*.py"),
        CHANNELS / "aws" / "bedrock_agent.py",
        CHANNELS / "clients" / "endpoint.py",
        ROOT / "ops" / "diagnosis" / "agent.py",
    ],
    "callback": [CHANNELS / "clients" / "endpoint.py", PLATFORMS / "rest" / "signature.py"],
    "conversations_api": [CHANNELS / "handlers" / "conversations_api.py"],
    "twilio_voice": [
        CHANNELS / "twilio" / "signature.py",
        PLATFORMS / "twilio" / "account.py",
        PLATFORMS / "twilio" / "signature.py",
    ],
}

#: What sections are called where they are read.
NAMES = {"credentials", "_credentials", "given", "section", "settings", "SECTION"}
KEY = re.compile(r"[a-z][a-z0-9_-]*")


def modules(name):
    """The modules that read a section; an output is given values, `given` is a message there."""
    folders = [CHANNELS / name, PLATFORMS / name]
    found = [*(path for each in folders for path in each.glob("*.py")), *READERS.get(name, ())]
    return sorted({path for path in found if path.name != "output.py"})


def called(node):
    """The last name of an expression: `given`, `self.settings`, `self._credentials(NAME)`.

    Of `{"base_url": DEFAULT, **credentials}` it is that of what is spread in it.
    """
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Dict):
        spread = zip(node.keys, node.values, strict=True)
        return next((called(value) for key, value in spread if key is None), "")
    return getattr(node, "attr", getattr(node, "id", ""))


def key_of(node):
    """A text that may be a key; of `basic_auth.username` what is before the full stop."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        key = node.value.partition(".")[0]
        return key if KEY.fullmatch(key) else None
    return None


def reads(tree):
    """Each key that is read: `section["key"]`, `section.get("key")`, `read(section, "key")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield key_of(node.slice) if called(node.value) in NAMES else None
        elif isinstance(node, ast.Call) and node.args:
            first, *others = node.args
            method = getattr(node.func, "attr", "")
            of_section = method in {"get", "setting"} and called(node.func.value) in NAMES
            if of_section or called(node.func) == "given":
                yield key_of(first)
            elif others and called(first) in NAMES:
                yield key_of(others[0])


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def keys_read(name):
    return {key for path in modules(name) for key in reads(parsed(path)) if key}


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_that_is_read_is_declared(name):
    section = section_of(name)
    assert keys_read(name) - {*section.keys, *section.without_effect} == set()


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_that_is_declared_is_read(name):
    assert set(section_of(name).keys) - keys_read(name) == set()


@pytest.mark.parametrize("name", SECTIONS)
def test_a_key_has_an_effect_or_none(name):
    section = section_of(name)
    assert len(section.keys) == len(set(section.keys))
    assert not {*section.keys} & {*section.without_effect}


def keys_of_the_example():
    """The keys that the example file shows, commented out or not, by section."""
    found = {}
    for line in EXAMPLE.splitlines():
        if section := re.match(r"(?:# )?([a-z][\w.]*):( *#.*)?$", line):
            keys = found.setdefault(section[1], set())
        elif key := re.match(r"(?:#   |  # |  )([A-Za-z][\w-]*):", line):
            keys.add(key[1])
    return found


def test_the_example_shows_what_is_declared():
    shown = keys_of_the_example()
    custom = {name for name in shown if "." in name}
    assert len(custom) == 1
    assert set(shown) - custom == set(SECTIONS) - {"cmdline"}
    unknown = {
        name: sorted(section_of(name).unknown(dict.fromkeys(shown[name])))
        for name in set(shown) - custom
    }
    assert {name: keys for name, keys in unknown.items() if keys} == {}
    assert {"slack_token", "command", "typing"} <= shown["slack"]
    assert {"remote_token", "region", "api_key"} <= shown["agent"]
    assert {"token", "jwt_key"} <= shown["rest"]


def keys_written(name):
    """The keys that registration puts into a section: those of its actions' `settings`.

    They are written there, or as what is kept, or as what a function learns from an answer.
    """
    for node in ast.walk(parsed(PLATFORMS / name / "registration.py")):
        is_kept = isinstance(node, ast.Assign) and called(node.targets[0]) == "kept"
        is_given = isinstance(node, ast.keyword) and node.arg == "settings"
        is_learned = isinstance(node, ast.FunctionDef) and called(node.returns) == "Settings"
        if is_kept or is_given or is_learned:
            dicts = [each for each in ast.walk(node) if isinstance(each, ast.Dict)]
            yield from (key_of(key) for each in dicts for key in each.keys if key_of(key))


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_what_registration_writes_is_declared(name):
    written = set(keys_written(name))
    assert set(REGISTERED[name]) <= written
    assert section_of(name).unknown(dict.fromkeys(written | set(REGISTERED[name]))) == {}


SETTINGS_MODULES = [
    path for path in sorted(CHANNELS.glob("*/settings.py")) if path.parent.name != "wiring"
]


@pytest.mark.parametrize("path", SETTINGS_MODULES, ids=lambda path: path.parent.name)
def test_a_settings_module_needs_nothing_of_its_channel(path):
    imported = [
        node.module
        for node in parsed(path).body
        if isinstance(node, ast.ImportFrom) and node.module.startswith("channels.")
    ]
    assert set(imported) <= {"channels.section", "channels.errors"}


def test_every_folder_of_a_channel_has_its_settings():
    folders = {path.split(".")[1] for path in BUILT_IN.values()}
    assert {path.parent.name for path in SETTINGS_MODULES} == folders


@pytest.mark.parametrize("path", SETTINGS_MODULES, ids=lambda path: path.parent.name)
def test_no_module_of_a_channel_imports_its_input(path):
    """But the door, `__init__`, what derives from it, `connector`, and type checkers."""
    inputs = f"channels.{path.parent.name}.input"
    importing = [
        each.name
        for each in path.parent.glob("*.py")
        for node in parsed(each).body
        if isinstance(node, ast.ImportFrom) and node.module == inputs
    ]
    assert set(importing) <= {"__init__.py", "connector.py"}
