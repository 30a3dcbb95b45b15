"""The functions that `sam build` makes: all that is in their folders, and byte code of it."""

from __future__ import annotations

import importlib.util
import marshal

import pytest

from ops import ROOT

#: A .pyc's second word: hash-based, and not to be checked against the source (PEP 552).
UNCHECKED_HASH = 0b01


def test_every_function_is_built_by_the_makefile_of_all(template, functions):
    for name, function in functions.items():
        assert template["Resources"][name]["Metadata"] == {"BuildMethod": "makefile"}, name
        makefile = (ROOT / function["CodeUri"] / "Makefile").read_text("utf-8")
        assert makefile == "include $(dir $(abspath $(firstword $(MAKEFILE_LIST))))../build.mk\n"


@pytest.fixture(scope="module")
def webchat(built):
    """The function with the most files."""
    return built / "build" / "WebchatFunction"


def test_a_function_has_byte_code_that_python_takes_without_a_look_at_the_source(webchat):
    byte_code = (webchat / "__pycache__" / "app.cpython-313.pyc").read_bytes()
    assert byte_code[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(byte_code[4:8], "little") == UNCHECKED_HASH
    code = marshal.loads(byte_code[16:])  # noqa: S302 - made by our build
    assert code.co_filename == "/var/task/app.py"


def test_a_function_has_the_files_of_its_folder(webchat):
    source = ROOT / "functions" / "webchat"
    wanted = {
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and path.name != "Makefile" and path.suffix != ".pyc"
    }
    built = {path.relative_to(webchat) for path in webchat.rglob("*") if path.is_file()}
    assert wanted == {path for path in built if path.suffix != ".pyc"}
