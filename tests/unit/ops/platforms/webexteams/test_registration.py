import pytest

from channels.http.request import Request
from channels.webexteams import WebexTeamsInput
from ops.platforms.api import Refused
from tests.channels.webexteams.administration import WebexAdministration
from tests.unit.ops.platforms.registration import registration


@pytest.fixture
def webex():
    return WebexAdministration("made-up")


@pytest.fixture
def bot(webex):
    def settings(url):
        return {"access_token": "made-up", "api_base": f"{url}/v1/"}

    with registration("webexteams", settings, webex.answer) as made:
        yield made


def test_one_webhook_for_each_resource_with_one_secret(bot, webex):
    assert bot.register() == ["create", "create"]
    assert {each["resource"] for each in webex.hooks} == {"messages", "attachmentActions"}
    assert {each["secret"] for each in webex.hooks} == {bot.settings["webhook_secret"]}
    assert bot.register() == ["unchanged", "unchanged"]
    assert len(webex.hooks) == 2
    assert bot.bad() == []


def test_doubles_are_deleted(bot, webex):
    bot.register()
    webex.hooks += [{**webex.hooks[0], "id": "WH9", "targetUrl": f"https://old.example.com{PATH}"}]
    assert bot.bad() == [("warning", "Webex has 2 webhooks for messages")]
    assert bot.register() == ["unchanged", "delete", "unchanged"]
    assert len(webex.hooks) == 2


PATH = "/webhooks/webexteams/webhook"


def test_what_is_somebody_elses_stays(bot, webex):
    others = [
        {"id": "A", "resource": "messages", "event": "created", "targetUrl": "https://x.org/"},
        {
            "id": "B",
            "resource": "messages",
            "event": "deleted",
            "targetUrl": f"https://x.org{PATH}",
        },
        {
            "id": "C",
            "resource": "messages",
            "event": "created",
            "filter": "roomId=R",
            "targetUrl": f"https://x.org{PATH}",
        },
    ]
    webex.hooks += others
    bot.register()
    assert webex.hooks[:3] == others
    assert bot.register() == ["unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("targetUrl", f"https://old.example.com{PATH}", "leads to"),
        ("secret", "another", "another secret"),
        ("status", "inactive", "switched"),
    ],
)
def test_what_is_wrong_is_told_and_repaired(bot, webex, key, value, told):
    bot.register()
    right = dict(webex.hooks[0])
    webex.hooks[0][key] = value
    [(level, what)] = bot.bad()
    assert (level, told in what) == ("error", True)
    assert bot.register() == ["change", "unchanged"]
    assert webex.hooks[0] == right


def test_a_secret_that_webex_does_not_show_is_no_difference(bot, webex):
    bot.register()
    for hook in webex.hooks:
        del hook["secret"]
    assert bot.register() == ["unchanged", "unchanged"]


def test_removal(bot, webex):
    bot.register()
    assert bot.remove() == ["delete", "delete"]
    assert webex.hooks == []
    assert bot.remove() == ["unchanged"]
    assert [level for level, _ in bot.bad()] == ["error", "error"]


def test_a_wrong_token(bot):
    bot.settings["access_token"] = "wrong"
    with pytest.raises(Refused) as refused:
        bot.examine()
    assert "My Webex Apps" in refused.value.mend


def test_the_probe_is_taken_by_the_channel_and_says_nothing(bot):
    bot.register()
    probe = bot.platform().signed()
    channel = WebexTeamsInput.from_credentials(bot.settings)
    request = Request("POST", PATH, probe.headers, probe.body)
    channel.verify(request)
    assert channel.parse(request) == []
