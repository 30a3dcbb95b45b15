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
    """The answers under the real Sanic."""
    done = under_the_real_one("-m", "tests.connectors.calls", told=json.dumps(ALL))
    return json.loads(done.stdout)


def under_the_real_one(*command, told=""):
    """Run Python, without the stand-in."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": f"{ROOT / 'layers' / 'channels'}{os.pathsep}{ROOT}"},
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


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


#: Asks one connector for one path, three times.
ASK = """
import json, sys
from channels.handlers.custom_channels import custom_webhook
from channels.wiring.registry import custom_document
from channels.wiring.services import Services
from tests.connectors import calls

name, path = sys.argv[1:]
stored = custom_document("tests.connectors.lifespan_connector." + name, {})
handle = custom_webhook(Services(lambda section: stored, calls.Agent, 5.0))
print(json.dumps([handle(calls.event("GET", path, {}, ""), None) for _ in range(3)]))
"""


def test_the_real_one_s_server_starts_once_and_does_not_end():
    done = under_the_real_one("-c", ASK, "LifespanInput", "lifespan/heard")
    *_, last = json.loads(done.stdout)
    assert (last["statusCode"], json.loads(last["body"])) == (200, ["start"])
    assert [cookie.partition(";")[0] for cookie in last["cookies"]] == ["a=1", "b=2"]
    assert "set-cookie" not in last["headers"]


def test_a_start_that_fails_says_why_each_time():
    done = under_the_real_one("-c", ASK, "BrokenStartInput", "broken_start/x")
    assert [answer["statusCode"] for answer in json.loads(done.stdout)] == [500] * 3
    assert "no such file" not in done.stdout
    assert (
        done.stderr.count("RuntimeError: the channel's Sanic app cannot start: no such file") == 3
    )
