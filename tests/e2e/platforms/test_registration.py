"""Registering all platforms' bots, and finding out what is wrong with them, by the commands."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.e2e.platforms.conftest import PLATFORMS
from tests.e2e.platforms.platform import PUBLIC_BASE_URL
from tests.servers.tls_server import tls_server

ADMINISTRATOR = {
    name: value for each in PLATFORMS.values() for name, value in each.administrator.items()
}

#: What a person has to do whatever is registered.
BY_HAND = {
    "twilio_voice",
    *(name for name, each in PLATFORMS.items() if each.administration is None),
}


@pytest.fixture(autouse=True)
def platforms(chats):
    """The platforms' stand-ins by name; Meta and Slack ask the stack, as they do."""

    def meta_asks(url, verify_token):
        params = {"hub.mode": "subscribe", "hub.verify_token": verify_token}
        answer = requests.get(url, params={**params, "hub.challenge": "77"}, timeout=30)
        return answer.text == "77"

    def slack_asks(url):
        body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
        signed, headers = chats["slack"].platform._signed(body, "application/json")
        return requests.post(url, data=signed, headers=headers, timeout=30).text == "abc"

    found = {name: chat.platform.administration for name, chat in chats.items()}
    found["facebook"].asks = meta_asks
    found["slack"].asks = slack_asks
    return found


@pytest.fixture
def ops(deployed):
    """Runs a command of operators' on the stack; gives its exit status and its JSON."""

    def call(*arguments):
        done = deployed.command(*arguments, "--json", **ADMINISTRATOR)
        assert done.stdout, done.stderr
        said = done.stdout + done.stderr
        secrets = ("made-up", "ssssssssssss", "tok26", "rc-token-1")
        assert not any(secret in said for secret in secrets), "a secret was shown"
        return done.returncode, json.loads(done.stdout)

    return call


@pytest.fixture
def verbs(ops):
    """Registers; gives what was done, by channel, but for what is done by hand."""

    def call(*arguments):
        status, said = ops("register", *arguments)
        assert status == 0, said
        return {
            each["channel"]: {action["verb"] for action in each["actions"]} - {"instruct"}
            for each in said["channels"]
            if each["channel"] not in BY_HAND
        }

    return call


@pytest.fixture
def bad(ops):
    """Runs the doctor; gives its exit status, and what is not well by subject."""

    def call(*arguments):
        status, said = ops("doctor", *arguments)
        return status, [each for each in said["findings"] if each["level"] != "ok"]

    return call


def test_register_repair_and_remove(verbs, platforms):
    planned = verbs("--dry-run")
    assert all(done - {"unchanged"} for done in planned.values())
    assert platforms["telegram"].info["url"] == ""
    done = verbs()
    assert done == planned
    assert platforms["telegram"].info["url"] == f"{PUBLIC_BASE_URL}/webhooks/telegram/webhook"
    assert len(platforms["webexteams"].hooks) == 2
    assert set(platforms["facebook"].subscriptions) == {"page"}
    again = verbs()
    assert set(again) == set(planned)
    assert all(each == {"unchanged"} for each in again.values()), again

    moved = verbs("telegram", "webexteams", "--url", f"{PUBLIC_BASE_URL}/moved")
    assert all(each == {"change"} for each in moved.values()), moved
    assert platforms["telegram"].info["url"].startswith(f"{PUBLIC_BASE_URL}/moved/")
    back = verbs()
    changed = {name for name, each in back.items() if each == {"change"}}
    assert changed == {"telegram", "webexteams"}

    removed = verbs("--remove")
    assert all(each == {"delete"} for each in removed.values()), removed
    assert platforms["webexteams"].hooks == []
    assert all(each == {"unchanged"} for each in verbs("--remove").values())
    assert all(each - {"unchanged"} for each in verbs().values())


def test_a_webhooks_new_token_is_taken_at_once(chats, platforms, verbs):
    verbs("mattermost")
    [hook] = platforms["mattermost"].hooks["hooks/outgoing"]
    chat = chats["mattermost"]
    chat.post(chat.platform.message("are you a bot?", 71, token=hook["token"]))


def test_all_is_well(verbs, bad):
    verbs()
    assert bad() == (0, [])


def test_a_wrong_token(platforms, bad):
    right, platforms["telegram"].token = platforms["telegram"].token, "42:another"
    status, [found] = bad("telegram")
    platforms["telegram"].token = right
    assert (status, found["level"], found["subject"]) == (1, "error", "telegram")
    assert "401 Unauthorized" in found["what"]
    assert "@BotFather" in found["mend"]


def test_a_wrong_address(platforms, verbs, bad):
    platforms["telegram"].info["url"] = "https://old.example.com/webhooks/telegram/webhook"
    status, [found] = bad("telegram")
    assert (status, "https://old.example.com" in found["what"]) == (1, True)
    assert found["mend"] == "python -m ops register telegram"
    assert verbs("telegram") == {"telegram": {"change"}}
    assert bad("telegram") == (0, [])


def test_updates_that_wait_because_the_secrets_differ(platforms, verbs, bad):
    error = "Wrong response from the webhook: 401 Unauthorized"
    platforms["telegram"].info |= {"pending_update_count": 7, "last_error_message": error}
    status, [found] = bad("telegram")
    assert (status, found["what"].startswith("7 updates waiting")) == (1, True)
    assert "--force" in found["mend"]
    assert verbs("telegram", "--force") == {"telegram": {"change"}}
    assert bad("telegram") == (0, [])


def test_an_expired_certificate(tmp_path, bad):
    end = datetime.now(UTC) - timedelta(days=3)
    with tls_server(tmp_path, end) as port:
        status, found = bad("twilio_voice", "--url", f"https://127.0.0.1:{port}")
    [certificate] = [each for each in found if each["subject"] == "address"]
    assert (status, certificate["level"]) == (1, "error")
    assert f"expired on {end:%Y-%m-%d}" in certificate["what"]
    assert certificate["mend"].startswith("Renew the certificate")


def test_a_stack_that_is_not_there(deployed, tmp_path):
    done = deployed.command("doctor", "--json", LOCAL_DIR=str(tmp_path))
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"].startswith("No local stack is up")
