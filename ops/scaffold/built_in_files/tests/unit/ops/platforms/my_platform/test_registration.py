import json

import pytest

from channels.http.request import Request
from channels.my_platform import MyPlatformInput
from ops.platforms.api import Refused
from tests.unit.ops.platforms.registration import registration

JSON = {"content-type": "application/json"}


@pytest.fixture
def bot():
    def settings(url):
        return {"access_token": "made-up", "webhook_secret": "made-up", "api_base": url}

    def answer(request):
        if request.headers["authorization"] != "Bearer made-up":
            return (
                401,
                json.dumps({"error": {"code": "unauthorized", "message": "no"}}).encode(),
                JSON,
            )
        return 200, json.dumps({"id": "BOT", "name": "Assistant"}).encode(), JSON

    with registration("my_platform", settings, answer) as made:
        yield made


def test_a_person_enters_and_clears_the_webhook(bot):
    assert bot.register() == ["instruct"]
    assert bot.remove() == ["instruct"]
    [action] = bot.platform().actions()
    assert bot.url in action.what


def test_the_bot_is_known(bot):
    assert bot.bad() == []
    bot.settings["access_token"] = "wrong"
    with pytest.raises(Refused, match="status 401"):
        bot.examine()


def test_the_probe_is_taken_by_the_channel_and_says_nothing(bot):
    probe = bot.platform().signed()
    channel = MyPlatformInput.from_credentials(bot.settings)
    request = Request("POST", "/webhooks/my_platform/webhook", probe.headers, probe.body)
    channel.verify(request)
    assert channel.parse(request) == []
