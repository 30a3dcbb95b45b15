import json

import pytest

from channels.http.request import Request
from channels.slack import SlackInput
from ops.platforms.api import Refused
from ops.platforms.slack.manifest import manifest, merged
from tests.channels.slack.administration import CONFIG_TOKEN, SlackAdministration
from tests.unit.ops.platforms.registration import registration

SECRET = "signing-secret"
TOKEN = "xoxb-made-up"


@pytest.fixture
def slack():
    return SlackAdministration(TOKEN, SECRET)


@pytest.fixture
def bot(slack, tmp_path):
    def settings(url):
        return {
            "slack_token": TOKEN,
            "slack_signing_secret": SECRET,
            "api_base": f"{url}/api/",
            "app_id": "A1",
        }

    with registration("slack", settings, slack.answer) as made:
        made.folder = tmp_path
        slack.apps["A1"] = manifest({}, None)
        made.administrator = {"SLACK_CONFIG_TOKEN": CONFIG_TOKEN}
        yield made


def test_the_manifest_is_updated_and_names_stay(bot, slack):
    slack.apps["A1"]["display_information"] = {"name": "Helpdesk", "description": "Ours"}
    slack.apps["A1"]["oauth_config"]["scopes"]["bot"].append("users:read")
    assert bot.bad() == [("error", f"Slack sends events to nowhere, not to {bot.url}")]
    assert bot.register() == ["change"]
    app = slack.apps["A1"]
    assert app["display_information"] == {"name": "Helpdesk", "description": "Ours"}
    assert "users:read" in app["oauth_config"]["scopes"]["bot"]
    events = app["settings"]["event_subscriptions"]
    assert events == {"request_url": bot.url, "bot_events": ["app_mention", "message.im"]}
    assert app["settings"]["interactivity"]["request_url"] == bot.url
    assert bot.register() == ["unchanged"]
    assert bot.bad() == []


def test_a_changed_address_and_command_are_repaired(bot, slack):
    bot.settings["command"] = "ask"
    bot.register()
    bot.url = "https://new.example.com/webhooks/slack/webhook"
    assert bot.register() == ["change"]
    [command] = slack.apps["A1"]["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/ask", bot.url)


def test_removal_leaves_other_commands(bot, slack):
    bot.settings["command"] = "ask"
    bot.register()
    other = {"command": "/other", "url": "https://other.example.com/"}
    slack.apps["A1"]["features"]["slash_commands"].append(other)
    assert bot.remove() == ["delete"]
    app = slack.apps["A1"]
    assert "event_subscriptions" not in app["settings"]
    assert app["features"]["slash_commands"] == [other]
    assert bot.remove() == ["unchanged"]


def test_a_new_app_hears_nothing_until_the_stack_has_its_secret(bot, slack):
    slack.apps.clear()
    bot.settings = {"api_base": bot.settings["api_base"]}
    slack.asks = lambda url: False
    assert bot.register() == ["create", "instruct"]
    assert bot.settings["app_id"] == "A1"
    assert bot.settings["slack_signing_secret"] == SECRET
    assert "event_subscriptions" not in slack.apps["A1"]["settings"]
    slack.asks = lambda url: True
    bot.settings["slack_token"] = TOKEN
    assert bot.register() == ["change"]
    assert bot.register() == ["unchanged"]


def test_an_address_that_does_not_answer(bot, slack):
    slack.asks = lambda url: False
    with pytest.raises(Refused, match="invalid_manifest: The request URL did not answer"):
        bot.register()


def test_without_a_configuration_token_it_is_pasted(bot, tmp_path):
    bot.administrator = {}
    assert bot.register() == ["write", "instruct"]
    made = json.loads((tmp_path / "slack-manifest.json").read_text("utf-8"))
    assert made["settings"]["event_subscriptions"]["request_url"] == bot.url
    assert bot.register() == ["unchanged", "instruct"]
    assert bot.remove() == ["instruct"]
    assert bot.bad() == []


def test_an_app_of_unknown_id_is_a_persons_task(bot):
    del bot.settings["app_id"]
    assert bot.register() == ["instruct"]


def test_what_the_section_asks_for_takes_more_scopes(bot, slack):
    bot.register()
    bot.settings |= {"slack_channel": "C1", "typing": "is thinking..."}
    [scopes, *_] = bot.bad()
    told = "the app lacks the scopes groups:history"
    assert scopes == ("warning", told)
    assert bot.register() == ["change"]
    events = slack.apps["A1"]["settings"]["event_subscriptions"]["bot_events"]
    assert {"message.channels", "message.groups"} <= set(events)


def test_a_new_app_with_a_typing_status_is_taken(bot, slack):
    slack.apps.clear()
    bot.settings = {"api_base": bot.settings["api_base"], "typing": "is thinking..."}
    assert bot.register() == ["create", "instruct"]
    bot.settings["slack_token"] = TOKEN
    assert bot.register() == ["change"]
    assert "chat:write" in slack.apps["A1"]["oauth_config"]["scopes"]["bot"]
    assert bot.bad() == []


def test_an_app_keeps_its_assistant_view(bot, slack):
    app = slack.apps["A1"]
    app["features"]["assistant_view"] = {"assistant_description": "Ask the helpdesk"}
    app["oauth_config"]["scopes"]["bot"].append("assistant:write")
    subscribed = {
        "request_url": "https://old.example.com/",
        "bot_events": ["assistant_thread_started"],
    }
    app["settings"]["event_subscriptions"] = subscribed
    bot.settings["typing"] = "is thinking..."
    assert bot.register() == ["change"]
    app = slack.apps["A1"]
    assert app["features"]["assistant_view"] == {"assistant_description": "Ask the helpdesk"}
    assert "assistant:write" in app["oauth_config"]["scopes"]["bot"]
    assert "assistant_thread_started" in app["settings"]["event_subscriptions"]["bot_events"]


def test_a_wrong_token(bot):
    bot.settings["slack_token"] = "xoxb-wrong"
    with pytest.raises(Refused, match="invalid_auth") as refused:
        bot.examine()
    assert "Bot User OAuth Token" in refused.value.mend


def test_merging_twice_is_merging_once():
    ours = manifest({"command": "ask", "slack_channel": "C1"}, "https://bot.example.com/x")
    once = merged({"settings": {"hermes_app_type": "remote"}}, ours)
    assert merged(once, ours) == once
    assert once["settings"]["hermes_app_type"] == "remote"


def test_the_probe_is_taken_by_the_channel_and_says_nothing(bot):
    probe = bot.platform().signed()
    channel = SlackInput.from_credentials(bot.settings)
    request = Request("POST", "/webhooks/slack/webhook", probe.headers, probe.body)
    channel.verify(request)
    assert channel.handshake(request).body == b"doctor"
    assert channel.parse(request) == []
