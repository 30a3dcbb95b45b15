"""Calls of the Chat API: the requests, the login, and what follows from refusals."""

import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest

from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from channels.hangouts.api import ChatApi
from channels.hangouts.service_account import ServiceAccount
from tests.pages import PAGES
from tests.servers.recording_server import recording_server
from tests.unit.hangouts.google import CHAT_KEY
from tests.unit.hangouts.space import ACCOUNT, IN_THREAD, SPACE, KeyValueStore, chat_api

LOGGED_IN = b'{"access_token": "t", "expires_in": 3599}'


#: Names of google.rpc.Code by status.
CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}


def refused(status, message="no", reason=None, **headers):
    error = {"code": status, "message": message, "status": CODES.get(status, "UNKNOWN")}
    if reason:
        error["details"] = [{"@type": "ErrorInfo", "reason": reason}, "odd", {"reason": ["odd"]}]
    return status, json.dumps({"error": error}).encode(), headers


def api_of(fake, memory=None):
    credentials = fake.credentials()
    account = ServiceAccount(credentials["service_account"])
    return ChatApi(account, credentials["api_base"], lambda: memory)


def posted(*answers, message=None, request_id="r1"):
    with chat_api(*answers) as fake:
        name = api_of(fake).create_message(SPACE, message or {"text": "hi"}, request_id)
        return name, fake


def test_a_message_is_one_post():
    name, fake = posted(message={**IN_THREAD, "text": "hi"})
    [post] = fake.posts
    assert name == f"{SPACE}/messages/O1"
    assert (post.method, urlsplit(post.path).path) == ("POST", f"/v1/{SPACE}/messages")
    assert dict(parse_qsl(urlsplit(post.path).query)) == {
        "messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
        "requestId": "r1",
    }
    assert post.headers["authorization"] == "Bearer token-1"
    assert post.headers["content-type"] == "application/json"
    assert post.json == {**IN_THREAD, "text": "hi"}


def test_outside_of_threads_there_is_nothing_to_fall_back_from():
    _, fake = posted(request_id="")
    assert urlsplit(fake.posts[0].path).query == ""


def test_the_login_is_a_jwt_grant_of_the_service_account():
    _, fake = posted()
    [login] = [each for each in fake.server.requests if each.path == "/token"]
    form = {key: value for key, [value] in parse_qs(login.body.decode()).items()}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    uri = f"{fake.server.url}/token"
    claims = jwt.decode(form["assertion"], CHAT_KEY.public_key(), ["RS256"], audience=uri)
    assert claims["iss"] == ACCOUNT["client_email"]
    assert claims["scope"] == "https://www.googleapis.com/auth/chat.bot"
    assert claims["exp"] - claims["iat"] == 3600
    assert jwt.get_unverified_header(form["assertion"])["kid"] == "key-1"


def test_one_login_serves_all_instances():
    memory = KeyValueStore()
    with chat_api() as fake:
        for _ in range(2):
            api_of(fake, memory).create_message(SPACE, {"text": "hi"}, "")
        assert fake.logins == 1
        assert len(fake.posts) == 2


def test_a_token_that_is_refused_is_replaced_once():
    name, fake = posted(refused(401))
    assert name
    assert [post.headers["authorization"] for post in fake.posts] == [
        "Bearer token-1",
        "Bearer token-2",
    ]
    with pytest.raises(CredentialsError):
        posted(refused(401), refused(401))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400), SendError),
        (refused(403, "This Chat app is not a member of this space."), RecipientGone),
        (refused(403, "The caller does not have permission"), RecipientGone),
        (refused(403, "Forbidden"), SendError),
        (refused(404), RecipientGone),
        (refused(403, "not enabled", "SERVICE_DISABLED"), CredentialsError),
        (refused(403, "scopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), CredentialsError),
        (refused(404, "Google Chat app not found. To create a Chat app ..."), CredentialsError),
        (refused(429), RateLimited),
        (refused(500), PlatformUnavailable),
        (refused(503), PlatformUnavailable),
        ((400, b"<html>", {}), PlatformUnavailable),
        ((403, b'{"error": "text"}', {}), PlatformUnavailable),
    ],
)
def test_what_follows_from_a_refusal(answer, error):
    with pytest.raises(error) as raised:
        posted(answer)
    assert type(raised.value) is error


def test_what_google_repeats_of_a_message_is_not_told():
    with pytest.raises(SendError, match="INVALID") as raised:
        posted(refused(400, "INVALID: what the bot said"), message={"text": "what the bot said"})
    assert "what the bot said" not in str(raised.value)


def test_google_says_how_long_to_wait():
    with pytest.raises(RateLimited) as raised:
        posted(refused(429, **{"retry-after": "7"}))
    assert raised.value.retry_after == 7


def test_a_platform_that_cannot_be_reached():
    api = ChatApi(
        ServiceAccount({**ACCOUNT, "token_uri": "http://127.0.0.1:1"}), "http://x", lambda: None
    )
    with pytest.raises(PlatformUnavailable):
        api.create_message(SPACE, {"text": "hi"}, "")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, b'{"error": "invalid_grant"}', {}), CredentialsError),
        ((401, b'{"error": "x", "error_description": "y"}', {}), CredentialsError),
        *((page, PlatformUnavailable) for page in PAGES.values()),
        ((200, b'{"access_token": 5}', {}), PlatformUnavailable),
        ((500, b"", {}), PlatformUnavailable),
        ((429, b"", {}), RateLimited),
    ],
)
def test_a_login_that_fails(answer, error):
    with recording_server(lambda recorded: answer) as server:
        account = ServiceAccount({**ACCOUNT, "token_uri": server.url})
        with pytest.raises(error) as raised:
            account.log_in()
        assert "private" not in str(raised.value).lower()


def test_a_login_gives_a_token_and_its_life_time():
    with recording_server(lambda recorded: (200, LOGGED_IN, {})) as server:
        account = ServiceAccount({**ACCOUNT, "token_uri": server.url})
        assert account.log_in() == ("t", 3599.0)
