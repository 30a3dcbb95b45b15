"""One login for all messages, and what Rocket.Chat's refusals mean for the worker."""

import asyncio
import json
import logging
import time

import pytest

from channels.errors import (
    ChannelError,
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.rocketchat.api import RocketChatApi
from tests.pages import PAGES
from tests.servers.recording_server import recording_server
from tests.unit.rocketchat.server import (
    BOT_ID,
    CREDENTIALS,
    PERSONAL,
    ROOM,
    UNAUTHORIZED,
    KeyValueStore,
    Server,
    answer,
    channel,
    refused,
    request,
    said,
    server,
)


def send(output, text="hi"):
    asyncio.run(output.send_text_message(ROOM, text))


def tokens(model):
    return [
        each.headers["x-auth-token"]
        for each in model.recorder.requests
        if each.path.endswith("postMessage")
    ]


def logins(model):
    return [each for each in model.recorder.requests if each.path.endswith("login")]


def test_nothing_is_called_before_something_is_sent():
    with server() as (output, model):
        assert model.recorder.requests == []
        send(output)
        assert [each.path for each in model.recorder.requests] == [
            "/api/v1/login",
            "/api/v1/chat.postMessage",
        ]


def test_one_login_serves_all_messages_of_an_instance():
    with server() as (output, model):
        for _ in range(3):
            send(output)
        assert tokens(model) == ["login-1"] * 3
        assert len(logins(model)) == 1


def test_one_login_serves_all_instances():
    memory = KeyValueStore()
    with server(memory=memory) as (output, model):
        send(output)
        for _ in range(2):
            other = channel(server_url=model.recorder.url)
            other.memory = memory
            send(other.get_output_channel())
        assert tokens(model) == ["login-1"] * 3
        assert len(logins(model)) == 1
        [key] = memory
        assert key == f"token:rasa@{model.recorder.url}"
        assert CREDENTIALS["password"] not in str(memory)
        assert [round(each / 86_400) for each in memory.lifetimes] == [30], "days"


def test_another_account_logs_in_itself():
    memory = KeyValueStore()
    with server(memory=memory) as (output, model):
        send(output)
        other = channel(server_url=model.recorder.url, user="rasa@example.org")
        other.memory = memory
        send(other.get_output_channel())
        assert tokens(model) == ["login-1", "login-2"]


def test_a_login_that_has_ended_is_renewed_once_and_for_all_instances():
    memory = KeyValueStore()
    with server(memory=memory) as (output, model):
        send(output)
        model.ended.add("login-1")
        send(output)
        other = channel(server_url=model.recorder.url)
        other.memory = memory
        send(other.get_output_channel())
        assert tokens(model) == ["login-1", "login-1", "login-2", "login-2"]


def test_a_login_that_is_refused_again_is_the_operators_to_mend():
    with server(UNAUTHORIZED, UNAUTHORIZED) as (output, model):
        with pytest.raises(CredentialsError, match=r"refuses 'password'.*docs/.*rocketchat"):
            send(output)
        assert len(logins(model)) == 2


def test_a_personal_access_token_needs_no_login():
    with server(user=None, password=None, **PERSONAL) as (output, model):
        send(output)
        [post] = model.recorder.requests
        assert post.headers["x-auth-token"] == PERSONAL["auth_token"]
        assert post.headers["x-user-id"] == BOT_ID


def test_a_refused_personal_access_token_is_the_operators_to_mend():
    with server(UNAUTHORIZED, **PERSONAL) as (output, model):
        with pytest.raises(CredentialsError, match="refuses 'auth_token'"):
            send(output)
        assert len(model.recorder.requests) == 1


SECOND_FACTOR = answer(
    {"status": "error", "error": "totp-required", "message": "TOTP Required [totp-required]"}, 401
)


#: A server that does not say which of the two is wrong; the reason has no name.
AMBIGUOUS = answer({"status": "error", "error": 403, "message": "Check your credentials."}, 401)


@pytest.mark.parametrize(
    ("login", "error", "reason"),
    [
        (SECOND_FACTOR, CredentialsError, "second factor.*'user_id' and 'auth_token'"),
        (answer({"status": "error", "message": "Unauthorized"}, 401), CredentialsError, "'user'"),
        (AMBIGUOUS, CredentialsError, "'password'"),
        (refused("unauthorized", 401), CredentialsError, "if they are right"),
        (refused("error-user-is-not-activated", 403), CredentialsError, "not-activated"),
        (refused("Error, too many requests.", 401), RateLimited, "too many"),
        (refused("slow down", 429), RateLimited, "429"),
        (answer({"status": "success", "data": {}}), PlatformUnavailable, "authToken"),
        (answer({"status": "success", "data": {"userId": "u"}}), PlatformUnavailable, "authToken"),
        (answer([1]), PlatformUnavailable, "'server_url'"),
        *((page, PlatformUnavailable, "'server_url'|408|425") for page in PAGES.values()),
        ((503, b"", {}), PlatformUnavailable, "503"),
        (None, PlatformUnavailable, "no answer"),
    ],
)
def test_a_login_that_fails(login, error, reason):
    with server(logins=[login]) as (output, model):
        with pytest.raises(error, match=reason) as raised:
            send(output)
        assert CREDENTIALS["password"] not in str(raised.value)
        assert len(model.recorder.requests) == 1
        send(output)  # a later attempt logs in again
        assert len(model.posts) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        refused("no user with {pw}", 401),
        refused("Too many requests with {pw}", 401),
        answer({"status": "error", "error": "x {pw}", "message": "no {pw}"}, 401),
    ],
)
def test_a_password_that_is_repeated_is_not_told(refusal):
    status, body, headers = refusal
    echoed = status, body.replace(b"{pw}", CREDENTIALS["password"].encode()), headers
    with (
        server(logins=[echoed]) as (output, _),
        pytest.raises(ChannelError, match=r"with \.\.\.|no \.\.\.") as said,
    ):
        send(output)
    assert CREDENTIALS["password"] not in str(said.value)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (refused("error-message-size-exceeded"), SendError),
        (refused("must match exactly one schema in oneOf", error_type="invalid-params"), SendError),
        (refused("Not enough permission"), SendError),
        (refused("Invalid href value provided"), SendError),
        (refused("unauthorized", 403), SendError),
        (refused(None), PlatformUnavailable),
        (refused("error-invalid-room", 200), PlatformUnavailable),
        (refused("[invalid-channel]", error_type="invalid-channel"), RecipientGone),
        (refused("error-invalid-room"), RecipientGone),
        (refused("The required room", error_type="error-room-not-found"), RecipientGone),
        (refused("error-room-archived"), RecipientGone),
        (refused("error-not-allowed"), RecipientGone),
        (refused("room_is_blocked"), RecipientGone),
        (refused("You can't send messages because the room is readonly."), RecipientGone),
        (refused("You_have_been_muted"), RecipientGone),
        (refused("room-closed"), RecipientGone),
        (refused("Error, too many requests. [error-too-many-requests]"), RateLimited),
        (refused("slow", error_type="error-too-many-requests"), RateLimited),
        (refused("slow down", 429), RateLimited),
        (refused("Internal server error", 500), PlatformUnavailable),
        ((502, b"<html>", {}), PlatformUnavailable),
        ((404, b"<html>", {}), PlatformUnavailable),
        ((200, b"[]", {}), PlatformUnavailable),
        (None, PlatformUnavailable),
    ],
)
def test_what_a_refused_message_means(given, error):
    with server(given, **PERSONAL) as (output, model):
        with pytest.raises(SendError) as raised:
            send(output)
        assert type(raised.value) is error
        assert PERSONAL["auth_token"] not in str(raised.value)
        assert len(model.recorder.requests) == 1, "the worker repeats, not the connector"


def in_seconds(seconds):
    return str(int((time.time() + seconds) * 1000))


@pytest.mark.parametrize(
    ("reset", "headers", "least", "most"),
    [
        (600, {}, 1, 600),
        (-600, {}, 0, 0),
        (900_000, {}, 3600, 3600),
        (None, {"x_ratelimit_reset": "soon"}, 10, 10),
        (None, {"x_ratelimit_reset": "nan"}, 10, 10),
        (None, {"x_ratelimit_reset": "inf"}, 10, 10),
        (None, {}, 10, 10),
        (600, {"retry_after": "7"}, 7, 7),
    ],
)
def test_how_long_rocketchat_asks_to_wait(reset, headers, least, most):
    if reset is not None:
        headers = {**headers, "x_ratelimit_reset": in_seconds(reset)}
    with server(refused("slow down", 429, **headers), **PERSONAL) as (output, _):
        with pytest.raises(RateLimited) as raised:
            send(output)
        assert least <= raised.value.retry_after <= most


def test_a_wait_that_comes_with_another_status():
    limited = refused("error-too-many-requests", 400, x_ratelimit_reset=in_seconds(600))
    with server(limited, **PERSONAL) as (output, _):
        with pytest.raises(RateLimited) as raised:
            send(output)
        assert 1 < raised.value.retry_after <= 600


@pytest.mark.parametrize("target", [{"channel": "#gone"}, {"roomId": "gone"}])
def test_another_room_that_is_gone_does_not_end_the_conversation(target):
    gone = refused("invalid-channel")
    with server(gone, **PERSONAL) as (output, _), pytest.raises(SendError) as raised:
        asyncio.run(output.send_custom_json(ROOM, {"text": "hi", **target}))
    assert type(raised.value) is SendError


def test_a_limit_of_the_server_that_is_lower_says_which_key_to_change():
    smaller = refused("error-message-size-exceeded")
    with (
        server(smaller, **PERSONAL) as (output, _),
        pytest.raises(SendError, match="'max_message_size'"),
    ):
        send(output)


@pytest.mark.parametrize(
    ("changes", "credentials", "is_answered"),
    [
        ({}, {}, True),
        ({"user_id": BOT_ID, "user_name": "assistant"}, {}, False),
        ({"user_id": BOT_ID, "user_name": "rasa"}, {"user": "rasa@example.org"}, False),
        ({}, {"user": "rasa@example.org"}, True),
        ({"user_id": None}, {}, True),
    ],
)
def test_the_bot_does_not_answer_itself_whatever_it_is_called(changes, credentials, is_answered):
    with server(**credentials) as (_, model):
        instance = channel(server_url=model.recorder.url, **credentials)
        [message] = instance.parse(said(**changes))
        assert instance.enrich(message) is is_answered
        assert instance.enrich(message) is is_answered, "may be asked again"
        assert len(logins(model)) <= 1


def test_a_visitors_message_costs_no_login():
    with server() as (_, model):
        instance = channel(server_url=model.recorder.url)
        [message] = instance.parse(request("livechat_text"))
        assert instance.enrich(message)
        assert model.recorder.requests == []


def test_no_secret_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    with server(UNAUTHORIZED) as (output, _):
        send(output)
    assert CREDENTIALS["password"] not in caplog.text
    assert "login-1" not in caplog.text


def test_an_api_alone_logs_in_and_gives_the_ids():
    model = Server()
    with recording_server(model) as recorder:
        model.recorder = recorder
        api = RocketChatApi(f"{recorder.url}/", "rasa", CREDENTIALS["password"])
        assert api.user_id() == BOT_ID
        assert api.post_message({"roomId": ROOM, "text": "hi"}) == "mOut1"
        api.close()
        assert json.loads(recorder.requests[0].body)["username"] == "rasa"
