import pytest

from channels.http.request import Request
from channels.rocketchat import RocketChatInput
from ops.platforms.api import Refused
from tests.channels.rocketchat.administration import ADMIN_ID, ADMIN_TOKEN, RocketChatAdministration
from tests.unit.ops.platforms.registration import registration


@pytest.fixture
def rocket():
    return RocketChatAdministration("bot-token")


@pytest.fixture
def bot(rocket):
    def settings(url):
        return {"user_id": "uBot", "auth_token": "bot-token", "server_url": url}

    with registration("rocketchat", settings, rocket.answer) as made:
        made.administrator = {
            "ROCKETCHAT_ADMIN_USER_ID": ADMIN_ID,
            "ROCKETCHAT_ADMIN_TOKEN": ADMIN_TOKEN,
        }
        yield made


def test_messages_and_files_with_one_fresh_token(bot, rocket):
    assert bot.register() == ["create", "create"]
    assert [each["event"] for each in rocket.integrations] == ["sendMessage", "fileUploaded"]
    assert {each["token"] for each in rocket.integrations} == {"fresh-secret"}
    assert rocket.integrations[0]["channel"] == ["@rasa"]
    assert bot.settings["webhook_token"] == "fresh-secret"
    assert bot.register() == ["unchanged", "unchanged"]
    assert bot.bad() == []


def test_rooms_and_trigger_words_of_the_section(bot, rocket):
    bot.settings |= {"rooms": ["#general", "@rasa"], "trigger_words": ["!bot"]}
    bot.register()
    messages, files = rocket.integrations
    assert (messages["channel"], messages["triggerWords"]) == (["#general", "@rasa"], ["!bot"])
    assert files["triggerWords"] == []
    assert bot.register() == ["unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("urls", ["https://old.example.com/webhooks/rocketchat/webhook"], "leads to"),
        ("enabled", False, "switched off"),
        ("token", "another", "another token"),
    ],
)
def test_what_is_wrong_is_told_and_repaired(bot, rocket, key, value, told):
    bot.register()
    right = dict(rocket.integrations[0])
    rocket.integrations[0][key] = value
    [(level, what)] = bot.bad()
    assert (level, told in what) == ("error", True)
    assert bot.register() == ["change", "unchanged"]
    assert rocket.integrations[0] == right


def test_any_of_several_tokens_will_do(bot, rocket):
    bot.register()
    bot.settings["webhook_token"] = ["newer", "fresh-secret"]
    assert bot.register() == ["unchanged", "unchanged"]


def test_livechat_is_a_persons_task(bot):
    bot.settings["livechat_token"] = "lc"
    assert bot.register() == ["create", "create", "instruct"]


def test_removal(bot, rocket):
    bot.register()
    assert bot.remove() == ["delete", "delete"]
    assert rocket.integrations == []
    assert bot.remove() == ["unchanged"]
    assert [level for level, _ in bot.bad()] == ["error", "warning"]


def test_integrations_take_an_administrator(bot):
    bot.administrator = {}
    with pytest.raises(Refused, match="403") as refused:
        bot.register()
    assert "ROCKETCHAT_ADMIN_TOKEN" in refused.value.mend
    assert [level for level, _ in bot.bad()] == ["unknown"]


def test_a_wrong_login(bot):
    bot.settings["auth_token"] = "wrong"
    with pytest.raises(Refused, match="401") as refused:
        bot.examine()
    assert "'auth_token'" in refused.value.mend


def test_the_probe_is_taken_by_the_channel_and_says_nothing(bot):
    bot.register()
    probe = bot.platform().signed()
    channel = RocketChatInput.from_credentials(bot.settings)
    request = Request("POST", "/webhooks/rocketchat/webhook", probe.headers, probe.body)
    channel.verify(request)
    assert channel.parse(request) == []
