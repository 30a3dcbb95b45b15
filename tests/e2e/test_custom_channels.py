"""Custom channels on a local stack: the classes and commands of Rasa's documentation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import pytest
import requests

from ops import ROOT
from ops.stack_file import StackFile
from tests.recording_server import recording_server

#: The project without what a stack does not need; `.venv` is linked.
FOLDERS = ("layers", "functions", "ops")
FILES = ("template.yaml", "samconfig.toml", "credentials.example.yml", "pyproject.toml")

CREDENTIALS = """
rest:
addons.custom_channel.MyIO:
  username: "user_name"
  another_parameter: "some value"
addons.forms.FormInput:
  token: abc
addons.pager.PagerInput:
  webhook_url: "{url}/pager"
  key: k
addons.help_desk.HelpDesk:
  token: a-token-of-the-tests
  url: "{url}/help_desk"
"""


@pytest.fixture(scope="module")
def gateway():
    """What the bot's messages are posted to."""
    with recording_server(lambda request: (200, b"", {})) as server:
        yield server


@pytest.fixture(scope="module")
def tree(tmp_path_factory, gateway):
    """A copy of the project with the documentation's class, two connectors and a new channel."""
    tree = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, tree / name)
    (tree / ".venv").symlink_to((ROOT / ".venv").resolve())
    addons = tree / "layers" / "channels" / "addons"
    for source, name in (
        ("my_io", "custom_channel"),
        ("form_connector", "forms"),
        ("pager_connector", "pager"),
    ):
        shutil.copy(ROOT / "tests" / "connectors" / f"{source}.py", addons / f"{name}.py")
    (tree / "credentials.yml").write_text(CREDENTIALS.format(url=gateway.url))
    return tree


@pytest.fixture(scope="module")
def stack(tree, new_local_run):
    """The stack of that copy."""
    run = new_local_run()

    def ops(*arguments):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "ops", *arguments, "--json"],
            cwd=tree,
            env=run.environment(CREDENTIALS=str(tree / "credentials.yml")),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    ops("channel", "new", "help_desk")
    yield StackFile(**ops("up"))
    ops("down")


def curl(*arguments):
    """Run curl, as the documentation does, and read its answer."""
    done = subprocess.run(  # noqa: S603
        ["curl", "--silent", "--show-error", "--fail-with-body", *arguments],  # noqa: S607
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def eventually(gateway, path, count):
    """The texts that came to `path`, once there are `count` of them."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = [each.json for each in gateway.requests if each.path == path]
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} of {count} came to {path}")


def test_the_curl_command_of_the_page_on_custom_connectors(stack):
    answer = curl(
        "--request",
        "POST",
        "--url",
        f"{stack.http_url}/webhooks/myio/webhook",
        "--header",
        "Content-Type: application/json",
        "--data",
        '{\n  "sender": "test_user",\n  "message": "Hi there!",\n  "metadata": {}\n}',
    )
    assert answer[0] == {"recipient_id": "test_user", "text": "You said: Hi there!"}


def test_the_curl_command_of_the_older_page(stack):
    answer = curl(
        "-XPOST",
        f"{stack.http_url}/webhooks/myio/webhook",
        "-d",
        '{"sender": "user1", "message": "hello"}',
        "-H",
        "Content-type: application/json",
    )
    assert (answer[0]["recipient_id"], answer[0]["text"]) == ("user1", "Hey! How are you?")


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("name", ["myio", "forms", "pager", "help_desk", "rest"])
def test_health(stack, name, slash):
    answer = requests.get(f"{stack.http_url}/webhooks/{name}{slash}", timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_what_is_no_channel_is_404(stack):
    for path in ("nobody", "nobody/webhook", "rest/nothing"):
        assert requests.post(f"{stack.http_url}/webhooks/{path}", timeout=30).status_code == 404


def test_forms_more_routes_and_a_bearer_check(stack):
    url = f"{stack.http_url}/webhooks/forms"
    form = {"person": "me", "text": "hi"}
    assert requests.post(f"{url}/webhook", data=form, timeout=30).status_code == 401
    bearer = {"Authorization": "Bearer abc"}
    page = requests.post(f"{url}/webhook", data=form, headers=bearer, timeout=30)
    assert page.text == "<body><p>Hey! How are you?</p></body>"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert requests.get(f"{url}/version", timeout=30).text == "7"
    assert requests.get(f"{url}/logo", timeout=30).content == b"\x89PNG\xff"


def test_answers_of_the_worker_by_a_custom_output_channel(stack, gateway):
    url = f"{stack.http_url}/webhooks/pager/webhook"
    event = {"pager": "p1", "text": "sad", "id": "e1"}
    assert requests.post(url, json=event, timeout=30).status_code == 202
    assert requests.post(url, json=event, timeout=30).status_code == 202, "sent again"
    documents = eventually(gateway, "/pager", 5)
    assert documents[0] == {"to": "p1", "text": "Here is something to cheer you up:"}
    assert "picture" in documents[1]
    assert len(documents) == 5, "answered once"


def test_what_channel_new_writes_works(stack, gateway):
    url = f"{stack.http_url}/webhooks/help_desk/webhook"
    event = {"id": "1", "sender": "me", "text": "bye"}
    assert requests.post(url, json=event, timeout=30).status_code == 401
    bearer = {"Authorization": "Bearer a-token-of-the-tests"}
    answer = requests.post(url, json=event, headers=bearer, timeout=30)
    assert (answer.status_code, answer.text) == (200, "success")
    assert eventually(gateway, "/help_desk", 1) == [{"recipient": "me", "text": "Bye"}]
