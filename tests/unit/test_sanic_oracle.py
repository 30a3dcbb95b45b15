"""The real Sanic judges the stand-in: the same connectors give the same answers under both."""

import json
import os
import random
import subprocess
import sys

import pytest

from ops import ROOT
from tests.connectors import calls

SEGMENTS = [
    "orders",
    "files",
    "by",
    "code",
    "of",
    "last",
    "1",
    "-3",
    "007",
    "a",
    "a.b",
    "ABC",
    "Ab",
]
SEGMENTS += ["2024-02-29", "2023-02-30", "1e3", "~", "a-b", "plain"]
TEXTS = ["", "a", "a=b&c", "\u00e9\u4e2d", "line\r\nline", "\n", "--", "a;b", '"q"', " s "]


def random_paths(count):
    """GETs and POSTs below the features' prefix."""
    chance = random.Random(8)  # noqa: S311 (the same each time)
    for number in range(count):
        first, *rest = SEGMENTS[chance.randrange(5)], *chance.choices(SEGMENTS, k=3)
        path = "/".join([first, *rest[: chance.randrange(3)]])
        slash = chance.choice(["", "/"])
        method = chance.choice(["GET", "GET", "GET", "POST"])
        yield (f"path {number}", method, f"features/{path}{slash}", {}, "")


def random_forms(count):
    """Multipart forms of fields and a file."""
    chance = random.Random(9)  # noqa: S311
    for number in range(count):
        parts = []
        for _ in range(chance.randint(1, 4)):
            name, text = chance.choice(["who", "what", "sound"]), chance.choice(TEXTS)
            file = chance.choice(["", '; filename="a.txt"\r\nContent-Type: text/x'])
            parts.append(f'Content-Disposition: form-data; name="{name}"{file}\r\n\r\n{text}\r\n')
        body = "".join(f"--x-bound\r\n{part}" for part in parts) + "--x-bound--\r\n"
        headers = {"content-type": "multipart/form-data; boundary=x-bound"}
        yield (f"form {number}", "POST", "features/upload", headers, body)


ALL = [*calls.CALLS, *random_paths(300), *random_forms(60)]


@pytest.fixture(scope="module")
def real():
    """The answers under the real Sanic, in a process that does not have the stand-in."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.connectors.calls"],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": f"{ROOT / 'layers' / 'channels'}{os.pathsep}{ROOT}"},
        input=json.dumps(ALL),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def stand_in():
    """The answers on the stand-in, as JSON has them."""
    return json.loads(json.dumps(calls.answers(ALL)))


@pytest.mark.parametrize("name", [name for name, *_ in calls.CALLS])
def test_connectors_answer_as_on_the_real_one(real, stand_in, name):
    assert calls.without_words(stand_in[name]) == calls.without_words(real[name])


@pytest.mark.parametrize("kind", ["path", "form"])
def test_random_requests_are_answered_as_on_the_real_one(real, stand_in, kind):
    names = [name for name, *_ in ALL if name.startswith(f"{kind} ")]
    here = {name: calls.without_words(stand_in[name]) for name in names}
    there = {name: calls.without_words(real[name]) for name in names}
    assert here == there
    assert sum(status == 200 for status, *_ in here.values()) > len(names) / 10
