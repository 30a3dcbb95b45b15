"""The botframework channel's credentials, conversations, acknowledgements and payloads."""

import asyncio
import json
import subprocess
import sys

import pytest

from channels.botframework.input import BotFrameworkInput
from channels.botframework.output import BotFramework
from channels.channel import UserMessage
from channels.errors import CredentialsError, SendError
from channels.messages.payloads import key_of
from channels.wiring.registry import create_channel
from ops import ROOT
from tests.servers.recording_server import recording_server
from tests.unit.botframework.bot import (
    APP_ID,
    CREDENTIALS,
    PASSWORD,
    BotConnector,
    KeyValueStore,
    activity,
    channel,
    connected,
    parse,
    request,
    request_of,
)


@pytest.mark.parametrize(
    ("credentials", "key"),
    [
        ({"app_password": PASSWORD}, "app_id"),
        ({**CREDENTIALS, "app_id": ""}, "app_id"),
        ({**CREDENTIALS, "app_id": 5}, "app_id"),
        ({**CREDENTIALS, "app_id": "a b"}, "app_id"),
        ({"app_id": APP_ID}, "app_password"),
        ({"app_id": APP_ID, "allow_unsigned": True}, "app_password"),
        ({"app_password": PASSWORD, "allow_unsigned": True}, "app_id"),
        ({"allow_unsigned": "true"}, "allow_unsigned"),
        ({**CREDENTIALS, "app_password": " "}, "app_password"),
        ({**CREDENTIALS, "app_tenant_id": "a/b"}, "app_tenant_id"),
        ({**CREDENTIALS, "app_tenant_id": 5}, "app_tenant_id"),
        ({**CREDENTIALS, "token_url": "login.example.com"}, "token_url"),
        ({**CREDENTIALS, "openid_metadata_url": 5}, "openid_metadata_url"),
        ({**CREDENTIALS, "trusted_service_urls": ["x"]}, "trusted_service_urls"),
        ({**CREDENTIALS, "trusted_service_urls": {"a": 1}}, "trusted_service_urls"),
        ({**CREDENTIALS, "conversation_granularity": "user"}, "conversation_granularity"),
        ({**CREDENTIALS, "welcome_intent": "say hello"}, "welcome_intent"),
        ({**CREDENTIALS, "welcome_intent": True}, "welcome_intent"),
    ],
)
def test_a_setting_that_cannot_serve_is_named_with_the_readmes_section(credentials, key):
    expected = f"botframework: '{key}'.*docs/channels/botframework.md"
    with pytest.raises(CredentialsError, match=expected) as raised:
        BotFrameworkInput.from_credentials(credentials)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("credentials", [None, {}])
def test_without_any_credentials_the_section_is_asked_for(credentials):
    with pytest.raises(CredentialsError, match="section 'botframework'"):
        BotFrameworkInput.from_credentials(credentials)


def test_rasas_credentials_and_parameters_are_valid():
    assert BotFrameworkInput(APP_ID, PASSWORD).app_id == APP_ID
    conversation, bot = {"id": "c"}, {"id": "b"}
    output = BotFramework(APP_ID, PASSWORD, conversation, bot, "https://smba.example.com/")
    assert output.name() == BotFrameworkInput.name() == "botframework"


def test_rasas_module_path_leads_here():
    from rasa.core.channels.botframework import BotFramework as OutputAlias
    from rasa.core.channels.botframework import BotFrameworkInput as Alias

    assert (Alias, OutputAlias) == (BotFrameworkInput, BotFramework)


@pytest.mark.parametrize(
    ("granularity", "name", "sender_id"),
    [
        ("sender", "text", "29:1ann"),
        ("sender", "mention_in_channel", "29:1ann"),
        ("conversation", "text", "a:1personal"),
        ("conversation", "group_chat", "19:group@thread.v2"),
        ("conversation", "mention_in_channel", "19:general@thread.tacv2;messageid=1767225600000"),
        ("conversation:sender", "group_chat", "19:group@thread.v2:29:1ann"),
    ],
)
def test_conversations(granularity, name, sender_id):
    [message] = channel(conversation_granularity=granularity).parse(request(name))
    assert message.sender_id == sender_id


@pytest.mark.parametrize("name", ["text", "reaction", "unknown_kind", "bot_joined", "malformed"])
def test_microsoft_hears_an_empty_object(name):
    answer = channel().acknowledgement(request(name))
    assert (answer.status, answer.body) == (200, b"{}")
    assert answer.headers["content-type"] == "application/json"


def test_an_executed_action_hears_that_it_is_taken():
    answer = channel().acknowledgement(request("card_execute"))
    assert answer.status == 200
    assert json.loads(answer.body) == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "ok",
    }


@pytest.mark.parametrize("name", ["task/fetch", "composeExtension/query", "", 5, None])
def test_an_unknown_invoke_hears_that_it_is(name):
    odd = request_of(activity("unknown_invoke", name=name))
    assert channel().acknowledgement(odd).status == 501
    assert channel().parse(odd) == []


def completed(name, memory):
    instance = channel()
    instance.memory = memory
    [received] = instance.parse(request(name))
    assert instance.enrich(received) is True
    return received.text


KEY = f"payload:{'0' * 40}"


@pytest.mark.parametrize(
    ("name", "memory", "text"),
    [
        ("long_payload_button_click", KeyValueStore({KEY: "/inform{...}"}), "/inform{...}"),
        ("long_payload_button_click", KeyValueStore(), "Italian, 6 people"),
        ("long_payload_button_click", None, KEY),
        ("button_click", KeyValueStore({"/affirm": "/other"}), "/affirm"),
    ],
)
def test_a_long_payload_is_put_in_for_its_key(name, memory, text):
    assert completed(name, memory) == text


def test_a_forgotten_payload_of_a_button_without_title_stays_its_key():
    [received] = parse(activity("card_value_text", value=key_of("x")))
    instance = channel()
    assert instance.enrich(received)
    assert received.text == key_of("x")


def answered(reply_to, **settings):
    """The calls of an answer to a message with this `reply_to`, and the error it ended with."""
    connector = BotConnector()
    with recording_server(connector) as connector.server:
        url = connector.server.url
        instance = create_channel(
            "botframework", {"token_url": f"{url}/login", **CREDENTIALS, **settings}
        )
        reply_to = {
            key: value.replace("URL", url) if isinstance(value, str) else value
            for key, value in reply_to.items()
        }
        output = instance.output_for(UserMessage("hi", sender_id="u", reply_to=reply_to))
        try:
            asyncio.run(output.send_text_message("u", "hello"))
        except SendError as error:
            return connector.server.requests, str(error)
        return connector.server.requests, ""


TO = {"serviceUrl": "URL/emea/", "conversation": {"id": "c"}, "bot": {"id": "b"}}


@pytest.mark.parametrize("reply_to", [TO, {**TO, "verified": "yes"}, {**TO, "verified": False}])
def test_the_bots_token_goes_to_no_service_url_that_is_not_proved(reply_to):
    calls, error = answered(reply_to)
    assert calls == [], "not even a login"
    assert "trusted_service_urls" in error


def test_it_goes_to_one_that_is_proved():
    calls, error = answered({**TO, "verified": True})
    assert [call.path for call in calls] == ["/login", "/emea/v3/conversations/c/activities"]
    assert (calls[1].headers["authorization"], error) == ("Bearer t1", "")


def test_and_to_one_that_the_credentials_name():
    connector = BotConnector()
    with recording_server(connector) as connector.server:
        url = connector.server.url
        instance = create_channel(
            "botframework",
            {**CREDENTIALS, "token_url": f"{url}/login", "trusted_service_urls": f"{url}/emea"},
        )
        reply_to = {**TO, "serviceUrl": f"{url}/emea/"}
        output = instance.output_for(UserMessage("hi", reply_to=reply_to))
        asyncio.run(output.send_text_message("u", "hello"))
        assert len(connector.activities) == 1


def test_without_an_app_id_there_is_no_token():
    with connected() as (_, connector):
        instance = create_channel(
            "botframework",
            {"allow_unsigned": True, "token_url": f"{connector.server.url}/login"},
        )
        [received] = instance.parse(request("text"))
        assert "verified" not in received.reply_to
        received.reply_to["serviceUrl"] = connector.server.url
        asyncio.run(instance.output_for(received).send_text_message("u", "hello"))
        assert connector.logins == 0
        [call] = connector.sent
        assert "authorization" not in call.headers


def test_what_was_let_in_without_proof_is_not_answered_with_a_token_later():
    unproved = create_channel("botframework", {"allow_unsigned": True})
    [received] = unproved.parse(request("text"))
    calls, error = answered({**received.reply_to, "serviceUrl": "URL/"})
    assert calls == []
    assert error


@pytest.mark.parametrize("reply_to", [None, {}, {"verified": True}])
def test_a_message_without_a_reference_cannot_be_answered(reply_to):
    output = channel().output_for(UserMessage("hi", reply_to=reply_to))
    with pytest.raises(SendError):
        asyncio.run(output.send_text_message("u", "hello"))


def test_get_metadata_may_be_overridden_as_in_rasa():
    class Mine(BotFrameworkInput):
        def get_metadata(self, request):
            return {"mine": request.json["id"]}

    [received] = Mine(APP_ID, PASSWORD).parse(request("text"))
    assert received.metadata == {"mine": "1767225600001"}


def test_the_webhooks_start_loads_nothing_slow():
    slow = (
        "requests typing dataclasses asyncio logging.config yaml jwt inspect urllib3 cryptography"
    )
    program = (
        "import sys; before = set(sys.modules); import channels.botframework.input; "
        f"print(sorted((set(sys.modules) - before) & set({slow.split()!r})))"
    )
    path = str(ROOT / "layers" / "channels")
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {path!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"
