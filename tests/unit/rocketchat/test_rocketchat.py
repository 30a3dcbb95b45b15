"""The Rocket.Chat channel's credentials, its proofs, conversations and acknowledgements."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import CredentialsError, VerificationError
from channels.http.request import Request
from channels.rocketchat.input import LIVECHAT_TOKEN_HEADER, RocketChatInput
from channels.rocketchat.output import RocketChatBot
from ops import ROOT
from tests.unit.rocketchat.server import (
    CREDENTIALS,
    LIVECHAT_TOKEN,
    PERSONAL,
    TOKEN,
    body,
    channel,
    posted,
    request,
    said,
)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"server_url": None}, "server_url"),
        ({"server_url": "chat.example.org"}, "server_url"),
        ({"server_url": "https://chat.example.org?x=1"}, "server_url"),
        ({"server_url": 5}, "server_url"),
        ({"user": None}, "user"),
        ({"user": 5}, "user"),
        ({"password": None}, "password"),
        ({"password": " "}, "password"),
        ({"password": ["a"]}, "password"),
        ({"user": None, "password": None}, "user"),
        ({"user": None, "password": None, "user_id": "u1"}, "auth_token"),
        ({"user": None, "password": None, "auth_token": "t1"}, "user_id"),
        ({"webhook_token": None, "livechat_token": None}, "webhook_token"),
        ({"webhook_token": ""}, "webhook_token"),
        ({"webhook_token": 12345}, "webhook_token"),
        ({"webhook_token": []}, "webhook_token"),
        ({"webhook_token": ["a", ""]}, "webhook_token"),
        ({"webhook_token": "", "allow_unsigned": True}, "webhook_token"),
        ({"livechat_token": " "}, "livechat_token"),
        ({"allow_unsigned": "yes"}, "allow_unsigned"),
        ({"use_threads": 1}, "use_threads"),
        ({"edits": "no"}, "edits"),
        ({"keep_trigger_word": "no"}, "keep_trigger_word"),
        ({"conversation_granularity": "team"}, "conversation_granularity"),
        ({"conversation_granularity": "room:room"}, "conversation_granularity"),
        ({"conversation_granularity": "thread"}, "conversation_granularity"),
        ({"conversation_granularity": ["room"]}, "conversation_granularity"),
        ({"max_message_size": "5000"}, "max_message_size"),
        ({"max_message_size": 10}, "max_message_size"),
        ({"max_message_size": True}, "max_message_size"),
    ],
)
def test_a_setting_that_cannot_serve_is_named_with_the_readmes_section(changes, key):
    with pytest.raises(CredentialsError, match=f"rocketchat: '{key}'.*docs/channels/rocketchat.md"):
        channel(**changes)


@pytest.mark.parametrize("credentials", [None, {}])
def test_without_any_credentials_the_section_is_asked_for(credentials):
    with pytest.raises(CredentialsError, match="section 'rocketchat'"):
        RocketChatInput.from_credentials(credentials)


def test_rasas_parameters_are_valid_and_rasas_insecurity_is_not():
    server_url = CREDENTIALS["server_url"]
    assert RocketChatInput("rasa", "pw", server_url, webhook_token=TOKEN).user == "rasa"
    assert RocketChatBot("rasa", "pw", server_url).name() == "rocketchat"
    with pytest.raises(CredentialsError, match="webhook_token"):
        RocketChatInput("rasa", "pw", server_url)


def test_a_personal_access_token_stands_for_user_and_password():
    assert channel(user=None, password=None, **PERSONAL).parse(said())


def status_of(given_request, **changes):
    try:
        channel(**changes).verify(given_request)
    except VerificationError as error:
        return error.status
    return 200


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (TOKEN, 200),
        (None, 403),
        ("", 403),
        ("rc-token-2", 403),
        (TOKEN.upper(), 403),
        (TOKEN + "\n", 403),
        (TOKEN[:-1], 403),
        (f" {TOKEN}", 403),
        (LIVECHAT_TOKEN, 403),
        ("\u00e9", 403),
        (1, 403),
        (True, 403),
        ([TOKEN], 403),
        ({"token": TOKEN}, 403),
    ],
)
def test_an_outgoing_webhook_is_rocketchats_by_the_token_in_its_json(token, status):
    assert status_of(said(token=token)) == status


@pytest.mark.parametrize(
    ("token", "status"),
    [(LIVECHAT_TOKEN, 200), (None, 403), ("", 403), (TOKEN, 403), (LIVECHAT_TOKEN + "x", 403)],
)
def test_livechat_is_rocketchats_by_its_header(token, status):
    headers = {} if token is None else {LIVECHAT_TOKEN_HEADER: token}
    assert status_of(posted(body("livechat_text"), **headers)) == status


def test_the_token_of_an_integration_does_not_open_livechat():
    """Users may make integrations; what visitors say is not theirs to make up."""
    assert status_of(posted({**body("livechat_text"), "token": TOKEN})) == 403
    both = posted(body("text"), **{LIVECHAT_TOKEN_HEADER: "made-up"})
    assert status_of(both) == 403


def test_without_a_token_of_its_own_livechat_takes_the_webhooks():
    livechat = posted(body("livechat_text"), **{LIVECHAT_TOKEN_HEADER: TOKEN})
    assert status_of(livechat, livechat_token=None) == 200
    assert status_of(livechat) == 403


def test_livechats_token_alone_leaves_outgoing_webhooks_closed():
    assert status_of(request("livechat_text"), webhook_token=None) == 200
    assert status_of(said(), webhook_token=None) == 403
    assert status_of(said(token=""), webhook_token=None) == 403


@pytest.mark.parametrize("token", ["rc-old", "rc-new"])
def test_one_token_may_replace_another(token):
    assert status_of(said(token=token), webhook_token=["rc-old", "rc-new "]) == 200
    assert status_of(said(), webhook_token=["rc-old", "rc-new"]) == 403


def test_unsigned_webhooks_are_let_in_only_when_it_is_said_so():
    opened = {"webhook_token": None, "livechat_token": None, "allow_unsigned": True}
    assert status_of(request("unsigned"), **opened) == 200
    assert status_of(request("livechat_unsigned"), **opened) == 200
    assert status_of(request("unsigned"), allow_unsigned=True) == 403, (
        "a token that is there counts"
    )


@given(raw=st.binary() | st.text().map(str.encode) | st.just(b'{"token": "rc-token-1"'))
def test_verification_raises_nothing_else(raw):
    assert status_of(Request("POST", "/", {}, raw)) == 403


@given(token=st.text() | st.integers() | st.none() | st.lists(st.text()), header=st.text())
def test_no_other_token_proves_anything(token, header):
    if token != TOKEN:
        assert status_of(said(token=token)) == 403
    if header != LIVECHAT_TOKEN:
        assert status_of(posted(body("livechat_text"), **{LIVECHAT_TOKEN_HEADER: header})) == 403


THREADED = {"tmid": "mThread1"}
DIRECT = {"channel_id": "uAna00000000000001uBot00000000000001"}


@pytest.mark.parametrize(
    ("granularity", "settings", "changes", "sender_id"),
    [
        (None, {}, {}, "GENERAL"),
        (None, {}, {"user_id": "uBen"}, "GENERAL"),
        (None, {}, DIRECT, DIRECT["channel_id"]),
        ("room", {}, THREADED, "GENERAL"),
        ("room:user", {}, {}, "GENERAL:uAna00000000000001"),
        ("room:user", {}, {"user_id": None}, "GENERAL"),
        ("room:thread", {}, {}, "GENERAL"),
        ("room:thread", {}, THREADED, "GENERAL:mThread1"),
        ("room:thread", {"use_threads": True}, {}, "GENERAL:Wq3b6yJ1kDfT0000A"),
        ("room:thread:user", {}, THREADED, "GENERAL:mThread1:uAna00000000000001"),
        ("user", {}, {}, "uAna00000000000001"),
        ("sender", {}, {}, "uAna00000000000001"),
        ("user", {}, {"user_id": None}, "GENERAL"),
    ],
)
def test_conversations(granularity, settings, changes, sender_id):
    instance = channel(conversation_granularity=granularity, **settings)
    [message] = instance.parse(said(**changes))
    assert message.sender_id == sender_id


@pytest.mark.parametrize(
    ("granularity", "sender_id"),
    [
        ("room", "rLive0000000000001"),
        ("room:user", "rLive0000000000001:vBen00000000000001"),
        ("sender", "vBen00000000000001"),
    ],
)
def test_conversations_of_visitors(granularity, sender_id):
    instance = channel(conversation_granularity=granularity, use_threads=True)
    [message] = instance.parse(request("livechat_text"))
    assert message.sender_id == sender_id
    assert message.reply_to == {"room": "rLive0000000000001", "livechat": True}


@pytest.mark.parametrize(
    ("settings", "changes", "reply_to"),
    [
        ({}, {}, {"room": "GENERAL"}),
        ({}, THREADED, {"room": "GENERAL", "thread": "mThread1"}),
        ({"use_threads": True}, {}, {"room": "GENERAL", "thread": "Wq3b6yJ1kDfT0000A"}),
        ({"use_threads": True}, THREADED, {"room": "GENERAL", "thread": "mThread1"}),
        (
            {},
            {"trigger_word": "!bot", "text": "!bot hi"},
            {"room": "GENERAL", "trigger_word": "!bot"},
        ),
    ],
)
def test_where_an_answer_goes(settings, changes, reply_to):
    [message] = channel(**settings).parse(said(**changes))
    assert message.reply_to == reply_to


@pytest.mark.parametrize("name", ["text", "livechat_text", "room_joined", "livechat_test"])
def test_what_rocketchat_hears_is_not_empty_and_posts_nothing(name):
    """An empty answer counts as a failure, and one with `text` or `attachments` is posted."""
    answer = channel().acknowledgement(request(name))
    assert (answer.status, json.loads(answer.body)) == (200, {"ok": True})
    assert answer.headers["content-type"] == "application/json"


def test_the_webhook_starts_without_what_only_sending_needs():
    script = (
        "import sys, channels.rocketchat as r; from channels.wiring.registry import create_channel;"
        f"create_channel('rocketchat', {CREDENTIALS!r});"
        "print([m for m in ('requests', 'urllib3', 'typing', 'dataclasses', 'asyncio', 'yaml',"
        "'logging.config', 'jwt', 'cryptography') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-S", "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "layers" / "channels")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_rasas_module_path_leads_here():
    from rasa.core.channels.rocketchat import RocketChatBot as BotAlias
    from rasa.core.channels.rocketchat import RocketChatInput as InputAlias

    assert (InputAlias, BotAlias) == (RocketChatInput, RocketChatBot)
