import pytest

from channels.http.request import Request
from channels.mattermost import MattermostInput
from ops.platforms.api import Refused
from tests.channels.mattermost.administration import ADMIN, TEAM, MattermostAdministration
from tests.unit.ops.platforms.registration import registration


@pytest.fixture
def mattermost():
    return MattermostAdministration("bot-token")


@pytest.fixture
def bot(mattermost):
    def settings(url):
        return {"url": f"{url}/api/v4", "token": "bot-token"}

    with registration("mattermost", settings, mattermost.answer) as made:
        made.administrator = {"MATTERMOST_ADMIN_TOKEN": ADMIN}
        yield made


def test_a_webhook_whose_token_is_learnt(bot, mattermost):
    assert bot.register() == ["create"]
    [hook] = mattermost.hooks["hooks/outgoing"]
    assert (hook["team_id"], hook["trigger_words"]) == (TEAM, ["@rasa"])
    assert (hook["callback_urls"], hook["content_type"]) == ([bot.url], "application/json")
    assert bot.settings["webhook_tokens"] == [hook["token"]]
    assert bot.register() == ["unchanged"]
    assert bot.bad() == []


def test_a_command_beside_it(bot, mattermost):
    bot.settings |= {"command": "/ask", "trigger_words": ["!bot"]}
    assert bot.register() == ["create", "create"]
    [command] = mattermost.hooks["commands"]
    assert (command["trigger"], command["method"], command["url"]) == ("ask", "P", bot.url)
    [hook] = mattermost.hooks["hooks/outgoing"]
    assert hook["trigger_words"] == ["!bot"]
    assert bot.settings["webhook_tokens"] == [hook["token"], command["token"]]
    assert bot.register() == ["unchanged", "unchanged"]
    assert bot.remove() == ["delete", "delete"]
    assert bot.remove() == ["unchanged"]


def test_another_address_is_repaired_and_the_token_stays(bot, mattermost):
    bot.register()
    bot.url = "https://new.example.com/webhooks/mattermost/webhook"
    bot.settings["webhook_url"] = "https://bot.example.com/webhooks/mattermost/webhook"
    assert [level for level, _ in bot.bad()] == ["error", "error"]
    token = mattermost.hooks["hooks/outgoing"][0]["token"]
    assert bot.register() == ["change", "change"]
    assert mattermost.hooks["hooks/outgoing"][0]["callback_urls"] == [bot.url]
    assert bot.settings["webhook_tokens"] == [token]
    assert bot.settings["webhook_url"] == bot.url
    assert bot.bad() == []


def test_a_token_that_the_stack_lacks_is_added(bot, mattermost):
    bot.register()
    bot.settings["webhook_tokens"] = "another"
    assert bot.bad() == [("error", "the outgoing webhook's token is not in 'webhook_tokens'")]
    assert bot.register() == ["change"]
    assert len(bot.settings["webhook_tokens"]) == 2


def test_the_team_of_several_has_to_be_named(bot, mattermost):
    mattermost.teams.append({"id": "tm2", "name": "other"})
    with pytest.raises(Refused, match="several teams: acme, other"):
        bot.register()
    bot.settings["team"] = "acme"
    assert bot.register() == ["create"]


def test_webhooks_take_an_administrators_token(bot):
    bot.administrator = {}
    with pytest.raises(Refused, match="403") as refused:
        bot.register()
    assert "MATTERMOST_ADMIN_TOKEN" in refused.value.mend
    assert [level for level, _ in bot.bad()] == ["unknown"]


def test_a_wrong_token(bot):
    bot.settings["token"] = "wrong"
    with pytest.raises(Refused) as refused:
        bot.examine()
    assert "Bot Accounts" in refused.value.mend


def test_the_probe_is_taken_by_the_channel_and_says_nothing(bot):
    bot.register()
    probe = bot.platform().signed()
    channel = MattermostInput.from_credentials(bot.settings)
    request = Request("POST", "/webhooks/mattermost/webhook", probe.headers, probe.body)
    channel.verify(request)
    assert channel.parse(request) == []
