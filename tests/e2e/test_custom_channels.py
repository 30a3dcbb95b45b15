"""Custom channels on a local stack: the classes and commands of Rasa's documentation."""

from __future__ import annotations

import hmac
import json
import os
import shutil
import subprocess
import sys
import time

import pytest
import requests

from ops import ROOT
from ops.stack.stack_file import StackFile
from tests.servers.recording_server import recording_server

#: The project without what a stack does not need; `.venv` is linked.
FOLDERS = ("layers", "functions", "ops")
FILES = ("template.yaml", "samconfig.toml", "credentials.example.yml", "pyproject.toml")

CREDENTIALS = """
rest:
addons.custom_channel.MyIO:
  username: "user_name"
  another_parameter: "some value"
addons.json_connector.JsonConnector:
  api_key: "change-me"
webhook_connector.WebhookConnector:
  callback_url: "{url}/bot"
  callback_token: "outgoing-token"
  secret: "signing-secret"
addons.form_connector.FormConnector:
  bearer_token: "gateway-token"
  verify_token: "verify-me"
  reply_format: xml
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
    """A copy of the project with the documentation's class and three connectors of somebody's."""
    tree = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, tree / name)
    (tree / ".venv").symlink_to((ROOT / ".venv").resolve())
    addons = tree / "layers" / "channels" / "addons"
    connectors = ROOT / "tests" / "connectors"
    shutil.copy(connectors / "my_io.py", addons / "custom_channel.py")
    for name in ("json_connector", "webhook_connector", "form_connector"):
        shutil.copy(connectors / f"{name}.py", addons)
    (tree / "credentials.yml").write_text(CREDENTIALS.format(url=gateway.url))
    return tree


@pytest.fixture(scope="module")
def stack(tree, bare_local_run):
    """The stack of that copy."""
    run = bare_local_run()

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
@pytest.mark.parametrize(
    "name", ["myio", "json_sync", "async_webhook", "form_gateway", "help_desk", "rest"]
)
def test_health(stack, name, slash):
    answer = requests.get(f"{stack.http_url}/webhooks/{name}{slash}", timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_what_is_no_channel_is_404(stack):
    for path in ("nobody", "nobody/webhook", "rest/nothing"):
        assert requests.post(f"{stack.http_url}/webhooks/{path}", timeout=30).status_code == 404


def test_a_synchronous_json_connector(stack):
    url = f"{stack.http_url}/webhooks/json_sync/webhook"
    body = {"user_id": "u1", "utterance": "hi", "context": {"page": "/pricing"}}
    answer = requests.post(url, json=body, headers={"X-Api-Key": "change-me"}, timeout=30)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    [reply] = answer.json()["replies"]
    assert (reply["text"], len(reply["buttons"])) == ("Hey! How are you?", 2)
    assert requests.post(url, json=body, timeout=30).status_code == 401


def test_an_asynchronous_connector_that_posts_to_a_url(stack, gateway):
    url = f"{stack.http_url}/webhooks/async_webhook/webhook"

    def send(event_id, text, secret=b"signing-secret"):
        body = json.dumps({"event_id": event_id, "from": "u2", "body": text})
        signature = hmac.new(secret, body.encode(), "sha256").hexdigest()
        headers = {"X-Signature": f"sha256={signature}"}
        return requests.post(url, data=body, headers=headers, timeout=30).status_code

    assert send("e1", "sad", secret=b"another") == 403
    assert send("e1", "sad") == 202
    assert send("e1", "sad") in (200, 202), "a duplicate, to the connector or to the queue"
    assert send("e2", "bye") == 202
    first, second, third, fourth = eventually(gateway, "/bot", 4)
    assert first == {"to": "u2", "type": "text", "text": "Here is something to cheer you up:"}
    assert [second["type"], third["type"]] == ["image", "choices"]
    assert fourth == {"to": "u2", "type": "text", "text": "Bye"}, "the first was answered once"
    tokens = {each.headers["authorization"] for each in gateway.requests if each.path == "/bot"}
    assert tokens == {"Bearer outgoing-token"}


def test_a_connector_of_forms_with_more_routes_and_a_bearer_check(stack):
    url = f"{stack.http_url}/webhooks/form_gateway"
    query = {"mode": "subscribe", "verify_token": "verify-me", "challenge": "12345"}
    assert requests.get(f"{url}/webhook", params=query, timeout=30).text == "12345"
    form = {"From": "+100", "Body": "hi", "MessageId": "m1", "City": "North"}
    refused = requests.post(f"{url}/webhook", data=form, timeout=30)
    assert (refused.status_code, refused.json()) == (401, {"error": "Token missing."})
    assert refused.headers["www-authenticate"] == 'Bearer realm="form"'
    bearer = {"Authorization": "Bearer gateway-token"}
    page = requests.post(f"{url}/webhook", data=form, headers=bearer, timeout=30)
    assert page.headers["content-type"] == "application/xml; charset=utf-8"
    assert page.text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response><Message>Hey! How')
    report = {"MessageId": "m1", "Status": "Delivered"}
    delivered = requests.post(f"{url}/delivery", data=report, headers=bearer, timeout=30)
    assert (delivered.status_code, delivered.content) == (204, b"")
    state = requests.get(f"{url}/delivery/m1", headers=bearer, timeout=30)
    assert state.json() == {"id": "m1", "state": "delivered"}


def test_what_channel_new_writes_works(stack, gateway):
    url = f"{stack.http_url}/webhooks/help_desk/webhook"
    event = {"id": "1", "sender": "me", "text": "bye"}
    assert requests.post(url, json=event, timeout=30).status_code == 401
    bearer = {"Authorization": "Bearer a-token-of-the-tests"}
    answer = requests.post(url, json=event, headers=bearer, timeout=30)
    assert (answer.status_code, answer.text) == (200, "success")
    assert eventually(gateway, "/help_desk", 1) == [{"recipient": "me", "text": "Bye"}]
