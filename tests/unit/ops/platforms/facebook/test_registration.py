import pytest

from channels.facebook import FacebookInput
from channels.http.request import Request
from ops.platforms.api import Refused
from ops.platforms.facebook.registration import fields_of
from tests.channels.facebook.administration import APP, MetaAdministration
from tests.unit.ops.platforms.registration import registration

SECRET = "app-secret"


@pytest.fixture
def meta():
    return MetaAdministration(SECRET, {"P1": "EAAG-one", "P2": "EAAG-two"})


@pytest.fixture
def bot(meta):
    def settings(url):
        return {
            "secret": SECRET,
            "page-access-token": "EAAG-one",
            "page_tokens": {"P2": "EAAG-two"},
            "api_base": url,
        }

    with registration("facebook", settings, meta.answer) as made:
        yield made


def test_the_app_and_each_page_are_subscribed(bot, meta):
    asked = []
    meta.asks = lambda url, verify: asked.append((url, verify)) or verify == bot.settings["verify"]
    assert bot.register() == ["create", "create", "create"]
    assert asked == [(bot.url, "fresh-secret")], "the stack knew the token when Meta asked"
    assert set(meta.subscribed) == {"P1", "P2"}
    assert "messages" in meta.subscribed["P1"]
    assert bot.register() == ["unchanged"] * 3
    assert bot.bad() == []


def test_fields_that_somebody_added_stay(bot, meta):
    bot.register()
    meta.subscriptions["page"]["fields"] = ["messages", "message_reads"]
    meta.subscribed["P1"] = ["messages", "message_reads"]
    assert [level for level, _ in bot.bad()] == ["warning", "warning"]
    assert bot.register() == ["change", "change", "unchanged"]
    fields = fields_of(meta.subscriptions["page"]["fields"])
    assert fields >= {"message_reads", "messages", "messaging_postbacks"}
    assert set(meta.subscribed["P1"]) >= {"message_reads", "messaging_postbacks"}


def test_an_instagram_subscription_follows(bot, meta):
    meta.subscriptions["instagram"] = {
        "object": "instagram",
        "callback_url": "https://old.example.com/webhooks/facebook/webhook",
        "active": True,
        "fields": [],
    }
    assert bot.register() == ["create", "change", "create", "create"]
    assert meta.subscriptions["instagram"]["callback_url"] == bot.url


def test_another_address_is_told_and_repaired(bot, meta):
    bot.register()
    meta.subscriptions["page"]["callback_url"] = "https://old.example.com/x?token=1"
    [(level, what)] = bot.bad()
    assert (level, "token=1" in what) == ("error", False)
    assert bot.register()[0] == "change"


def test_an_unsubscribed_page_is_told(bot, meta):
    bot.register()
    del meta.subscribed["P2"]
    assert bot.bad()[0][1].startswith("the page Page P2 (P2) is not subscribed")
    assert bot.register() == ["unchanged", "unchanged", "create"]


def test_a_webhook_that_meta_cannot_verify(bot, meta):
    meta.asks = lambda url, verify: False
    with pytest.raises(Refused, match="could not verify") as refused:
        bot.register()
    assert "5 minutes" in refused.value.mend


def test_removal(bot, meta):
    bot.register()
    assert bot.remove() == ["delete", "delete", "delete"]
    assert (meta.subscriptions, meta.subscribed) == ({}, {})
    assert bot.remove() == ["unchanged"]
    assert bot.bad()[0] == ("error", "the app is not subscribed to messages")


def test_a_wrong_page_token(bot):
    bot.settings["page-access-token"] = "EAAG-wrong"
    with pytest.raises(Refused) as refused:
        bot.examine()
    assert "Generate token" in refused.value.mend
    assert "EAAG" not in str(refused.value)


def test_tokens_are_never_in_an_address(bot):
    bot.register()
    assert not any("EAAG" in request.path or SECRET in request.path for request in bot.requests)


def test_the_apps_id_may_be_given(bot):
    bot.settings["app_id"] = int(APP)
    bot.register()
    assert not any("/app?" in request.path for request in bot.requests)


def test_the_probe_is_taken_by_the_channel_and_says_nothing(bot):
    bot.register()
    probe = bot.platform().signed()
    channel = FacebookInput.from_credentials(bot.settings)
    request = Request("POST", "/webhooks/facebook/webhook", probe.headers, probe.body)
    channel.verify(request)
    assert channel.parse(request) == []
