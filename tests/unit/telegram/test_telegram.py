"""The Telegram channel's credentials, its proof, conversations and acknowledgements."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import CredentialsError, VerificationError
from channels.http.request import Request
from channels.messages.payloads import key_of
from channels.telegram.input import SECRET_TOKEN_HEADER, TelegramInput
from channels.telegram.output import TelegramOutput
from ops import ROOT
from tests.servers.recording_server import recording_server
from tests.unit.telegram.bot import (
    CREDENTIALS,
    SECRET,
    TOKEN,
    BotApi,
    KeyValueStore,
    channel,
    message,
    ok,
    refused,
    request,
    request_of,
    update,
)


def without(key):
    return {name: value for name, value in CREDENTIALS.items() if name != key}


@pytest.mark.parametrize(
    ("credentials", "key"),
    [
        (without("access_token"), "access_token"),
        ({**CREDENTIALS, "access_token": " "}, "access_token"),
        ({**CREDENTIALS, "access_token": 123456}, "access_token"),
        ({**CREDENTIALS, "access_token": "1:a/../b"}, "access_token"),
        (without("secret_token"), "secret_token"),
        ({**CREDENTIALS, "secret_token": ""}, "secret_token"),
        ({**CREDENTIALS, "secret_token": 5}, "secret_token"),
        ({**CREDENTIALS, "secret_token": "with a space"}, "secret_token"),
        ({**CREDENTIALS, "secret_token": "x" * 257}, "secret_token"),
        ({**CREDENTIALS, "secret_token": "", "allow_unsigned": True}, "secret_token"),
        ({**without("secret_token"), "allow_unsigned": "yes"}, "allow_unsigned"),
        ({**CREDENTIALS, "verify": "my bot"}, "verify"),
        ({**CREDENTIALS, "verify": 5}, "verify"),
        ({**CREDENTIALS, "conversation_granularity": "thread"}, "conversation_granularity"),
        ({**CREDENTIALS, "parse_mode": "html"}, "parse_mode"),
        ({**CREDENTIALS, "parse_mode": ["HTML"]}, "parse_mode"),
        ({**CREDENTIALS, "api_base": "api.telegram.org"}, "api_base"),
    ],
)
def test_a_setting_that_cannot_serve_is_named_with_the_readmes_section(credentials, key):
    with pytest.raises(CredentialsError, match=f"telegram: '{key}'.*docs/channels/telegram.md"):
        TelegramInput.from_credentials(credentials)


@pytest.mark.parametrize("credentials", [None, {}])
def test_without_any_credentials_the_section_is_asked_for(credentials):
    with pytest.raises(CredentialsError, match="section 'telegram'"):
        TelegramInput.from_credentials(credentials)


def test_rasas_credentials_and_parameters_are_valid():
    TelegramInput(TOKEN, "rasa_bot", "https://example.com", True, secret_token=SECRET)
    assert channel(verify="@rasa_bot").parse(message(text="/go@rasa_bot"))[0].text == "/go"
    assert isinstance(TelegramOutput(TOKEN), TelegramOutput)
    with pytest.raises(CredentialsError, match="secret_token"):
        TelegramInput(TOKEN, "rasa_bot", "https://example.com")


def verified(given, **credentials):
    headers = {} if given is None else {"X-Telegram-Bot-Api-Secret-Token": given}
    instance = channel(**credentials)
    try:
        instance.verify(Request("POST", "/", headers, b"{}"))
    except VerificationError as error:
        return error.status
    return 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (SECRET, 200),
        (None, 401),
        ("", 401),
        (SECRET[:-1] + "7", 401),
        (SECRET.upper(), 401),
        (SECRET + "\n", 401),
        (SECRET[:-1], 401),
        (f" {SECRET}", 401),
        ("sha256=", 401),
        ("\u00e9", 401),
        ("\udce9", 401),
    ],
)
def test_an_update_is_telegrams_by_the_secret_token(given, status):
    assert verified(given) == status


def test_a_line_end_after_the_secret_is_taken_off_when_it_is_loaded():
    assert verified(SECRET, secret_token=f"{SECRET}\n") == 200


def test_unsigned_updates_are_let_in_only_when_it_is_said_so():
    unsigned = TelegramInput.from_credentials({**without("secret_token"), "allow_unsigned": True})
    unsigned.verify(Request("POST", "/", {}, b"{}"))
    assert verified(None, allow_unsigned=True) == 401, "a secret that is there is asked for"


@given(given=st.text())
def test_verification_raises_nothing_else(given):
    assert verified(given) == (200 if given == SECRET else 401)


def test_the_secret_stands_in_no_error():
    with pytest.raises(VerificationError) as raised:
        channel().verify(Request("POST", "/", {SECRET_TOKEN_HEADER: "wrong"}, b"{}"))
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("granularity", "name", "sender_id"),
    [
        ("chat", "text", "4242"),
        ("chat", "group_text", "-1001234567890"),
        ("chat", "command_in_topic", "-1001234567890"),
        ("topic", "text", "4242"),
        ("topic", "group_text", "-1001234567890"),
        ("topic", "command_in_topic", "-1001234567890:77"),
        ("sender", "text", "4242"),
        ("sender", "group_text", "-1001234567890:4242"),
        ("sender", "command_in_topic", "-1001234567890:77:4242"),
        ("sender", "anonymous_administrator", "-1001234567890"),
        ("sender", "button_press", "4242"),
    ],
)
def test_conversations(granularity, name, sender_id):
    [received] = channel(conversation_granularity=granularity).parse(request(name))
    assert received.sender_id == sender_id


@pytest.mark.parametrize(
    ("name", "reply_to"),
    [
        ("text", {"chat_id": 4242}),
        ("command_in_topic", {"chat_id": -1001234567890, "message_thread_id": 77}),
        ("general_topic", {"chat_id": -1001234567890}),
        ("button_press_in_inline_mode", {"chat_id": 4242, "button": ""}),
    ],
)
def test_an_answer_goes_where_the_message_came_from(name, reply_to):
    [received] = channel().parse(request(name))
    assert received.reply_to == reply_to


@pytest.mark.parametrize("name", ["text", "button_press", "edited_text", "photo_with_caption"])
def test_the_messages_id_is_the_updates(name):
    first, second = (channel().parse(request(name))[0].message_id for _ in range(2))
    assert first == second == str(update(name)["update_id"])


def test_restart_is_two_messages_as_in_rasa():
    first, second = channel().parse(request("restart"))
    assert (first.text, second.text) == ("/restart", "/start")
    assert second.message_id == f"{first.message_id}:start"
    assert first.sender_id == second.sender_id


@pytest.mark.parametrize(
    "name", ["button_press", "button_press_in_inline_mode", "game_button_press"]
)
def test_a_button_stops_waiting_with_the_answer_to_its_update(name):
    answer = channel().acknowledgement(request(name))
    query_id = update(name)["callback_query"]["id"]
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == {
        "method": "answerCallbackQuery",
        "callback_query_id": query_id,
    }


@pytest.mark.parametrize("name", ["text", "poll_answer", "unknown_kind"])
def test_everything_else_is_a_success(name):
    assert channel().acknowledgement(request(name)).body == b"success"


@pytest.mark.parametrize("query", [None, 5, [], {}, {"id": 5}])
def test_an_odd_button_press_is_a_success(query):
    odd = request_of({"update_id": 1, "callback_query": query})
    assert channel().parse(odd) == []
    assert channel().acknowledgement(odd).body == b"success"


def pressed(data, memory):
    instance = channel()
    instance.memory = memory
    query = update("long_payload_button_press")
    query["callback_query"]["data"] = data
    keyboard = query["callback_query"]["message"]["reply_markup"]["inline_keyboard"]
    keyboard[0][0]["callback_data"] = data
    [received] = instance.parse(request_of(query))
    assert instance.enrich(received) is True
    return received.text


KEY = key_of("anything")


def test_a_long_payload_is_put_in_for_its_key():
    memory = KeyValueStore()
    memory.put(KEY, '/inform{"cuisine": "italian"}', 60.0)
    assert pressed(KEY, memory) == '/inform{"cuisine": "italian"}'


@pytest.mark.parametrize("memory", [None, KeyValueStore()])
def test_the_buttons_title_stands_in_for_a_payload_that_is_forgotten(memory):
    assert pressed(KEY, memory) == "Italian, 6 people"


def test_other_payloads_and_texts_are_left_alone():
    memory = KeyValueStore()
    memory.put(KEY, "/secret", 60.0)
    assert pressed("/affirm", memory) == "/affirm"
    instance = channel()
    instance.memory = memory
    [received] = instance.parse(message(text=KEY))
    assert instance.enrich(received)
    assert received.text == KEY


def completed(*answers, name="voice", **credentials):
    api = BotApi(*answers)
    with recording_server(api) as api.server:
        instance = channel(api_base=api.server.url, **credentials)
        [received] = instance.parse(request(name))
        instance.enrich(received)
        return received, api.calls, api.server.url


FILE = ok({"file_id": "v1", "file_path": "voice/file_1.oga"})


def test_files_have_ids_and_no_urls_unless_wanted():
    received, calls, _ = completed()
    assert calls == []
    [attachment] = received.metadata["attachments"]
    assert attachment["file_id"] == "v1"
    assert "url" not in attachment


def test_files_have_urls_where_wanted():
    received, calls, base = completed(FILE, file_urls=True)
    assert calls == [("getFile", {"file_id": "v1"})]
    url = f"{base}/file/bot{TOKEN}/voice/file_1.oga"
    assert received.metadata["attachments"][0]["url"] == url
    assert received.text == url


def test_a_caption_stays_the_text():
    received, _, _ = completed(FILE, name="photo_with_caption", file_urls=True)
    assert received.text == "my receipt"
    assert received.metadata["attachments"][0]["url"]


def test_a_file_too_big_to_fetch_stays_without_url():
    received, _, _ = completed(refused(400, "Bad Request: file is too big"), file_urls=True)
    assert received.text == ""
    assert "url" not in received.metadata["attachments"][0]


def test_get_metadata_may_be_overridden_as_in_rasa():
    class Mine(TelegramInput):
        def get_metadata(self, request):
            return {"mine": request.json["update_id"]}

    [received] = Mine(TOKEN, secret_token=SECRET).parse(request("text"))
    assert received.metadata == {"mine": 900000001}


def test_the_webhooks_start_loads_nothing_slow():
    slow = "requests typing dataclasses asyncio logging.config yaml jwt inspect urllib3"
    program = (
        "import sys; before = set(sys.modules); import channels.telegram.input; "
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


def test_rasas_module_path_leads_here():
    from rasa.core.channels.telegram import TelegramInput as Alias
    from rasa.core.channels.telegram import TelegramOutput as OutputAlias

    assert (Alias, OutputAlias) == (TelegramInput, TelegramOutput)
