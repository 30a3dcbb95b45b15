import pytest

from channels.http.request import Request
from channels.telegram import TelegramInput
from ops.platforms.api import Refused
from ops.platforms.telegram.registration import desired, differences
from tests.channels.telegram.administration import TelegramAdministration
from tests.unit.ops.platforms.registration import PUBLIC, registration

TOKEN = "42:made-up"


@pytest.fixture
def telegram():
    return TelegramAdministration(TOKEN)


@pytest.fixture
def bot(telegram):
    with registration(
        "telegram",
        lambda url: {"access_token": TOKEN, "verify": "rasa_bot", "api_base": url},
        telegram.answer,
    ) as made:
        yield made


def test_a_fresh_secret_is_made_and_kept_once_telegram_has_it(bot, telegram):
    assert bot.register() == ["create"]
    assert telegram.info["url"] == f"{PUBLIC}/webhooks/telegram/webhook"
    assert telegram.info["allowed_updates"] == ["message", "edited_message", "callback_query"]
    assert telegram.secret == bot.settings["secret_token"] == "fresh-secret"
    assert bot.register() == ["unchanged"]
    assert bot.bad() == []


def test_a_secret_that_the_stack_has_is_used(bot, telegram):
    bot.settings["secret_token"] = "mine"
    assert bot.register() == ["create"]
    assert (telegram.secret, bot.kept) == ("mine", [])


def test_a_secret_that_telegram_does_not_take_is_not_kept(bot):
    bot.url = "http://bot.example.com/webhooks/telegram/webhook"
    with pytest.raises(Refused, match="HTTPS url must be provided"):
        bot.register()
    assert bot.kept == []


def test_another_address_is_repaired(bot, telegram):
    bot.register()
    bot.url = "https://new.example.com/webhooks/telegram/webhook"
    assert tuple(x[:25] for x in bot.bad()[0]) == ("error", "Telegram sends updates to")
    assert bot.register() == ["change"]
    assert telegram.info["url"] == bot.url


def test_a_secret_that_differs_is_found_by_what_waits_and_is_repaired(bot, telegram):
    bot.register()
    error = {"last_error_message": "Wrong response from the webhook: 401 Unauthorized"}
    telegram.info |= {"pending_update_count": 3, **error}
    telegram.secret = "another"
    [found] = [each for each in bot.examine() if each.level == "error"]
    assert found.what.startswith("3 updates waiting at Telegram; its last error: Wrong response")
    assert "register telegram --force" in found.mend
    assert bot.register() == ["change"]
    assert telegram.secret == "fresh-secret"


@pytest.mark.parametrize(
    ("message", "mend"),
    [
        ("SSL error {error:0A000086:certificate verify failed}", "certificate"),
        ("Connection timed out", "public address"),
        ("Wrong response from the webhook: 502 Bad Gateway", "stack fails"),
        ("Wrong response from the webhook: 404 Not Found", "PublicBaseUrl"),
        ("Something new", "log"),
    ],
)
def test_each_error_has_its_mend(bot, telegram, message, mend):
    bot.register()
    telegram.info |= {"pending_update_count": 1, "last_error_message": message}
    [found] = [each for each in bot.examine() if each.level == "error"]
    assert mend in found.mend


def test_an_old_error_with_nothing_waiting_is_none(bot, telegram):
    bot.register()
    telegram.info |= {"last_error_message": "Connection timed out", "last_error_date": 1}
    assert bot.bad() == []


def test_edits_are_left_out_where_they_are_ignored():
    assert desired("u", edited=False)["allowed_updates"] == ["message", "callback_query"]
    wanted = desired("u", edited=True)
    info = {"url": "u", "allowed_updates": ["message"]}
    assert differences(wanted, info) == ["allowed_updates"]


def test_pending_updates_are_dropped_only_when_asked(bot):
    bot.register()
    bot.register(renew=True, drop_pending=True)
    sent = [each.json["drop_pending_updates"] for each in bot.requests if "setW" in each.path]
    assert sent == [False, True]


def test_removal_leaves_other_webhooks_alone(bot, telegram):
    telegram.info["url"] = "https://other.example.com/secret/path"
    assert bot.remove() == ["unchanged"]
    [told] = bot.platform().removals()
    assert "secret/path" not in told.what
    bot.register()
    assert bot.remove() == ["delete"]
    assert telegram.info["url"] == ""


def test_a_wrong_token_is_refused_with_the_place_of_the_right_one(bot):
    bot.settings["access_token"] = "42:wrong"
    with pytest.raises(Refused, match="401 Unauthorized") as refused:
        bot.examine()
    assert "@BotFather" in refused.value.mend
    assert "wrong" not in refused.value.cause


def test_another_bots_name_is_told(bot):
    bot.register()
    bot.settings["verify"] = "@other_bot"
    assert bot.bad() == [("warning", "'verify' is 'other_bot', the bot is 'rasa_bot'")]


@pytest.mark.parametrize("reads_groups", [False, True])
def test_what_the_bot_hears_in_groups_is_told_and_is_no_fault(bot, telegram, reads_groups):
    bot.register()
    telegram.reads_groups = reads_groups
    told = [each.level for each in bot.examine() if "in groups" in each.what]
    assert told == ([] if reads_groups else ["ok"])


def test_the_probe_is_taken_by_the_channel_and_says_nothing(bot):
    bot.register()
    probe = bot.platform().signed()
    channel = TelegramInput.from_credentials(bot.settings)
    request = Request("POST", "/webhooks/telegram/webhook", probe.headers, probe.body)
    channel.verify(request)
    assert channel.parse(request) == []
