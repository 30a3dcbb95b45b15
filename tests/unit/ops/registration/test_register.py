import io
import json

import pytest
from rich.console import Console

from ops.credentials.parameter_store import ParameterStore
from ops.failure import Failure
from ops.output import Output
from ops.registration import register
from ops.stack.site import Site
from tests.channels.mattermost.administration import ADMIN, MattermostAdministration
from tests.channels.telegram.administration import TelegramAdministration
from tests.channels.webexteams.administration import WebexAdministration
from tests.servers.recording_server import recording_server
from tests.unit.ops.moto_stack import arguments, moto_stack

TOKEN = "42:made-up"
PUBLIC = "https://bot.example.com"


@pytest.fixture
def moto(tmp_path, monkeypatch):
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    for name in ("SLACK_CONFIG_TOKEN", "MATTERMOST_ADMIN_TOKEN", "ROCKETCHAT_ADMIN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with moto_stack() as made:
        yield made


@pytest.fixture
def telegram():
    return TelegramAdministration(TOKEN)


@pytest.fixture
def servers(telegram):
    webex = WebexAdministration("made-up")
    with recording_server(telegram.answer) as one, recording_server(webex.answer) as two:
        yield one, two


@pytest.fixture
def push(moto, servers):
    def call(**more):
        bot = {"access_token": TOKEN, "api_base": servers[0].url}
        hooks = {"access_token": "made-up", "api_base": f"{servers[1].url}/v1/"}
        sections = {"telegram": bot, "webexteams": hooks, "rest": {}, **more}
        ParameterStore(moto.stack).push(sections)

    return call


def run(moto, *words, url=PUBLIC, as_json=False):
    target = io.StringIO()
    output = Output(as_json, Console(file=target, width=300))
    args = arguments("register", *words)
    status = register.register(args, moto.stack, Site(url, PUBLIC, PUBLIC), output)
    return status, target.getvalue()


def test_all_channels_then_nothing_is_left_to_do(moto, push):
    push()
    status, said = run(moto)
    assert status == 0
    assert said.count("created") == 3
    assert "secret" in said
    sections = ParameterStore(moto.stack).credentials()
    secret = sections["telegram"]["secret_token"]
    assert secret not in said
    assert len(secret) >= 32
    assert "webhook_secret" in sections["webexteams"]
    status, said = run(moto)
    assert (status, said.count("unchanged"), "created" in said) == (0, 3, False)


def test_a_dry_run_changes_nothing(moto, push, telegram, capsys):
    push()
    status, _ = run(moto, "telegram", "--dry-run", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (status, told["dry_run"]) == (0, True)
    [channel] = told["channels"]
    assert channel["changed"] is True
    assert [each["verb"] for each in channel["actions"]] == ["create"]
    assert telegram.info["url"] == ""
    assert "secret_token" not in ParameterStore(moto.stack).credentials()["telegram"]


def test_an_address_of_its_own_is_warned_of(moto, push, telegram):
    push()
    run(moto, "telegram")
    status, said = run(moto, "telegram", url="https://new.example.com")
    assert (status, "PublicBaseUrl" in said) == (0, True)
    assert telegram.info["url"].startswith("https://new.example.com/")


def test_one_platforms_refusal_does_not_stop_the_others(moto, push, servers, capsys):
    wrong = {"access_token": "42:wrong", "api_base": servers[0].url}
    push(telegram=wrong)
    status, said = run(moto)
    assert status == 1
    assert "failed" in said
    assert "-> Take the 'access_token'" in said
    assert said.count("created") == 2
    assert "42:wrong" not in said
    run(moto, "telegram", as_json=True)
    [channel] = json.loads(capsys.readouterr().out)["channels"]
    assert (channel["changed"], "error" in channel, "mend" in channel) == (False, True, True)


def test_removal(moto, push, telegram):
    push()
    run(moto)
    status, said = run(moto, "--remove")
    assert (status, said.count("deleted")) == (0, 3)
    assert telegram.info["url"] == ""


def test_an_address_that_the_platform_cannot_reach(moto, push):
    push(telegram={"access_token": TOKEN, "api_base": "https://api.example.com"})
    status, said = run(moto, "telegram", url="http://127.0.0.1:4566/_aws")
    assert status == 1
    assert "Telegram cannot reach 127.0.0.1:4566" in said


def test_channels_that_cannot_be_registered(moto, push):
    push()
    with pytest.raises(Failure, match="'rest' is no channel"):
        run(moto, "rest")
    with pytest.raises(Failure, match="no credentials of 'twilio'"):
        run(moto, "twilio")


def test_a_stack_without_credentials(moto):
    with pytest.raises(Failure, match="no credentials of a channel"):
        run(moto)


def test_a_push_of_the_file_keeps_a_token_that_was_added_to_its_own(moto, push, monkeypatch):
    monkeypatch.setenv("MATTERMOST_ADMIN_TOKEN", ADMIN)
    administration = MattermostAdministration("made-up")
    with recording_server(administration.answer) as server:
        bot = {"url": server.url, "token": "made-up", "webhook_tokens": ["from-the-file"]}
        push(mattermost=bot)
        assert run(moto, "mattermost")[0] == 0
        [hook] = administration.hooks["hooks/outgoing"]
        both = ["from-the-file", hook["token"]]
        store = ParameterStore(moto.stack)
        assert store.credentials()["mattermost"]["webhook_tokens"] == both
        assert store.push({"mattermost": bot}).unchanged == ["mattermost"]
        renewed = {**bot, "webhook_tokens": "renewed"}
        store.push({"mattermost": renewed})
        kept = ["renewed", hook["token"]]
        assert store.credentials()["mattermost"]["webhook_tokens"] == kept
        store.push({"mattermost": renewed}, prune=True)
        assert store.credentials() == {"mattermost": renewed}


def test_the_slack_manifest_is_a_file(moto, push, servers, tmp_path):
    slack = {"slack_token": "x", "slack_signing_secret": "y", "api_base": f"{servers[0].url}/api/"}
    push(slack=slack)
    status, said = run(moto, "slack")
    assert (status, "written" in said, "to do" in said) == (0, True, True)
    made = json.loads((tmp_path / "registration" / "slack-manifest.json").read_text("utf-8"))
    assert made["settings"]["interactivity"]["request_url"] == f"{PUBLIC}/webhooks/slack/webhook"


def test_a_slack_app_may_be_made_before_there_are_credentials(moto, push, monkeypatch):
    push()
    monkeypatch.setenv("SLACK_CONFIG_TOKEN", "xoxe.made-up")
    status, said = run(moto, "slack", "--dry-run")
    assert (status, "would create" in said, "Install it" in said) == (0, True, True)
    assert "xoxe" not in said
