import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ops.platforms.api import Refused
from tests.unit.ops.platforms.registration import registration

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def private_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Google:
    knows_the_account = True

    def answer(self, request):
        if request.path == "/keys":
            return 200, b'{"keys": [{"kid": "1"}]}', JSON
        if self.knows_the_account:
            return 200, b'{"access_token": "t", "expires_in": 3600}', JSON
        return 400, b'{"error": "invalid_grant"}', JSON


@pytest.fixture
def google():
    return Google()


@pytest.fixture
def bot(google, private_key):
    def settings(url):
        account = {"client_email": "b@p", "private_key": private_key, "token_uri": f"{url}/login"}
        return {
            "project_id": "1234567890",
            "chat_keys_url": f"{url}/keys",
            "service_account": account,
        }

    with registration("hangouts", settings, google.answer) as made:
        yield made


@pytest.mark.parametrize(
    ("audience", "told"), [(None, "Project number"), ("endpoint", "HTTP endpoint URL")]
)
def test_where_to_click(bot, audience, told):
    bot.settings["audience"] = audience
    assert bot.register() == ["instruct"]
    [action] = bot.platform().actions()
    assert (bot.url in action.what, action.what.endswith(told)) == (True, True)
    assert bot.remove() == ["instruct"]


def test_all_is_well(bot):
    assert bot.bad() == []


def test_an_audience_of_another_address(bot):
    bot.settings["audience"] = "https://old.example.com/webhooks/hangouts/webhook"
    assert bot.bad()[0][0] == "error"


def test_a_service_account_that_google_does_not_know(bot, google):
    google.knows_the_account = False
    with pytest.raises(Refused) as refused:
        bot.examine()
    assert "Service accounts" in refused.value.mend


def test_keys_that_cannot_be_had(bot):
    bot.settings["chat_keys_url"] = bot.settings["chat_keys_url"].replace("/keys", "/nothing")
    assert bot.bad()[0][1].startswith("Google's keys cannot be had")
