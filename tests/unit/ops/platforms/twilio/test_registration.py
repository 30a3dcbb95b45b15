import pytest

from channels.http.request import Request
from channels.twilio import TwilioInput
from channels.twilio_voice import TwilioVoiceInput
from ops.platforms.api import Refused
from tests.channels.twilio.administration import ACCOUNT, TwilioAdministration
from tests.unit.ops.platforms.registration import PUBLIC, registration

TOKEN = "auth-token"


@pytest.fixture
def twilio():
    return TwilioAdministration(TOKEN)


def login(url):
    return {"account_sid": ACCOUNT, "auth_token": TOKEN, "api_base": url}


@pytest.fixture
def bot(twilio):
    def settings(url):
        return {**login(url), "twilio_number": "+15005550010"}

    with registration("twilio", settings, twilio.answer) as made:
        yield made


@pytest.fixture
def voice(twilio):
    with registration("twilio_voice", lambda url: {"auth_token": TOKEN}, twilio.answer) as made:
        yield made


def test_a_number(bot, twilio):
    assert bot.bad()[0][1].startswith("messages to +15005550010 go to https://demo.twilio.com/...")
    assert bot.register() == ["change"]
    assert (twilio.number["sms_url"], twilio.number["sms_method"]) == (bot.url, "POST")
    assert bot.register() == ["unchanged"]
    assert bot.bad() == []
    assert bot.remove() == ["delete"]
    assert twilio.number["sms_url"] == ""
    assert bot.remove() == ["unchanged"]


def test_an_application_goes_before_the_numbers_address(bot, twilio):
    bot.register()
    twilio.number["sms_application_sid"] = "AP1"
    assert "the application AP1" in bot.bad()[0][1]
    assert bot.register() == ["change"]
    assert twilio.number["sms_application_sid"] == ""


def test_get_is_no_post(bot, twilio):
    bot.register()
    twilio.number["sms_method"] = "GET"
    assert bot.register() == ["change"]


def test_a_messaging_service_and_not_its_numbers(bot, twilio):
    bot.settings["messaging_service_sid"] = "MG1"
    assert "the numbers' own webhooks" in bot.bad()[0][1]
    assert bot.register() == ["change"]
    assert twilio.service["inbound_request_url"] == bot.url
    assert twilio.service["use_inbound_webhook_on_number"] is False
    assert twilio.number["sms_url"] != bot.url
    assert bot.register() == ["unchanged"]


def test_a_whatsapp_sender(bot, twilio):
    bot.settings["twilio_number"] = "whatsapp:+14155238886"
    assert bot.register() == ["create"]
    assert twilio.sender["webhook"] == {"callback_url": bot.url, "callback_method": "POST"}
    assert bot.register() == ["unchanged"]
    assert bot.bad() == []
    assert bot.remove() == ["delete"]


def test_the_sandbox_is_a_persons_task(bot):
    bot.settings["twilio_number"] = "whatsapp:+15550001111"
    assert bot.register() == ["instruct"]
    assert bot.remove() == ["instruct"]
    [action] = bot.platform().actions()
    assert bot.url in action.what
    assert "Sandbox settings" in action.what


def test_a_number_that_the_account_has_not(bot):
    bot.settings["twilio_number"] = "+15005559999"
    with pytest.raises(Refused, match="no number"):
        bot.register()


def test_a_wrong_token(bot):
    bot.settings["auth_token"] = "wrong"
    with pytest.raises(Refused, match="401") as refused:
        bot.examine()
    assert "Twilio's console" in refused.value.mend


def test_errors_that_twilio_noted_against_this_webhook(bot, twilio):
    bot.register()
    other = {"error_code": "11200", "request_url": "https://other.example.com/"}
    ours = {"error_code": "11205", "request_url": bot.url, "date_created": "2026-01-01T00:00:00Z"}
    twilio.alerts += [other]
    assert bot.bad() == []
    twilio.alerts += [ours]
    [(level, what)] = bot.bad()
    assert (level, "1 of Twilio's last 2 errors" in what) == ("warning", True)
    assert "11205" in what


def test_a_suspended_account(bot, twilio):
    bot.register()
    twilio.status = "suspended"
    assert ("error", "the account is suspended") in bot.bad()


def test_the_number_of_the_section_twilio_is_called(voice, bot, twilio):
    voice.sections = {"twilio": bot.settings}
    assert voice.register() == ["create"]
    assert twilio.number["voice_url"] == voice.url == f"{PUBLIC}/webhooks/twilio_voice/webhook"
    assert twilio.number["status_callback"] == voice.url
    assert voice.register() == ["unchanged"]
    assert voice.bad() == []
    twilio.number["trunk_sid"] = "TK1"
    assert voice.bad()[0][0] == "error"
    assert voice.register() == ["change"]
    assert voice.remove() == ["delete"]
    assert voice.remove() == ["unchanged"]


def test_a_call_without_a_known_number_is_a_persons_task(voice):
    assert voice.register() == ["instruct"]
    assert voice.remove() == ["instruct"]
    assert voice.platform().api is None
    assert voice.bad() == []


@pytest.mark.parametrize(("name", "channel"), [("bot", TwilioInput), ("voice", TwilioVoiceInput)])
def test_the_probe_is_taken_by_the_channel_and_says_nothing(request, name, channel):
    registered = request.getfixturevalue(name)
    probe = registered.platform().signed()
    made = channel.from_credentials(registered.settings)
    path = registered.url.removeprefix(PUBLIC)
    asked = Request("POST", path, probe.headers, probe.body, base_url=PUBLIC)
    made.verify(asked)
    assert made.parse(asked) == []
