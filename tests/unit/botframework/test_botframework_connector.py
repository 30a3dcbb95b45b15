"""Errors of the Bot Connector and of the login, named after what the worker does next."""

import asyncio
import json

import pytest

from channels.botframework.connector import MULTI_TENANT, Connector, login, login_url
from channels.errors import (
    CredentialsError,
    PlatformUnavailable,
    RateLimited,
    RecipientGone,
    SendError,
)
from tests.pages import PAGES
from tests.servers.recording_server import recording_server
from tests.unit.botframework.bot import (
    APP_ID,
    PASSWORD,
    TENANT,
    KeyValueStore,
    connected,
    parts,
    refused,
    remembered_login,
)


def blocked(message, code=209):
    """A refusal of the services behind the connector (learn.microsoft.com, proactive messages)."""
    return 403, json.dumps({"errorCode": code, "message": message}).encode(), {}


#: What the connector's own door says to a token that it does not know.
DENIED = (401, b'{"message": "Authorization has been denied for this request."}', {})


def error_of(answer):
    with connected(answer) as (output, _):
        try:
            asyncio.run(output.send_text_message("u", "hello"))
        except Exception as error:
            return error
    raise AssertionError("no error")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(400, "BadArgument"), SendError),
        (refused(400, "BadSyntax"), SendError),
        (refused(403, "BotNotInConversationRoster"), RecipientGone),
        (refused(403, "ConversationBlockedByUser"), RecipientGone),
        (refused(403, "BotDisabledByAdmin"), RecipientGone),
        (refused(403, "MessageWritesBlocked"), RecipientGone),
        (refused(403, "ForbiddenOperationException"), RecipientGone),
        (refused(403, "NotEnoughPermissions"), SendError),
        (refused(404, "ConversationNotFound"), RecipientGone),
        (refused(404, "ActivityNotFoundInConversation"), SendError),
        (refused(412, "PreconditionFailed"), PlatformUnavailable),
        (refused(413, "MessageSizeTooBig"), SendError),
        (refused(429), RateLimited),
        (refused(500), PlatformUnavailable),
        (refused(502), PlatformUnavailable),
        (refused(504), PlatformUnavailable),
        (None, PlatformUnavailable),
        ((403, b"not json", {}), PlatformUnavailable),
        ((400, b'{"error": 5}', {}), PlatformUnavailable),
        ((302, b"", {"location": "http://127.0.0.1:9/"}), PlatformUnavailable),
        ((200, b"[]", {}), PlatformUnavailable),
        (blocked('{"subCode": "MessageWritesBlocked", "details": "blocked"}'), RecipientGone),
        (blocked({"subCode": "MessageWritesBlocked", "details": "blocked"}), RecipientGone),
        (blocked("\ud800 of no use"), SendError),
        (blocked('{"subCode": "Other"}', 210), SendError),
        (blocked("blocked", 1), PlatformUnavailable),
        (refused(404, "ResourceNotFound"), PlatformUnavailable),
        ((200, b"", {}), PlatformUnavailable),
        ((200, b"{}", {}), PlatformUnavailable),
        ((203, b"", {}), PlatformUnavailable),
        ((200, b'{"id": null}', {}), PlatformUnavailable),
    ],
)
def test_errors(answer, kind):
    error = error_of(answer)
    assert type(error) is kind
    assert "t1" not in str(error)


@pytest.mark.parametrize(("headers", "seconds"), [({"retry-after": "17"}, 17.0), ({}, 5.0)])
def test_patience_is_asked_for(headers, seconds):
    assert error_of(refused(429, **headers)).retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        ((200, b'{"id": "7"}', {}), "7"),
        ((201, b'{"id": "7"}', {}), "7"),
        ((202, b"", {}), ""),
        ((202, b"{}", {}), ""),
        ((202, b" { } ", {}), ""),
        ((204, b"", {}), ""),
        (refused(413, "MessageSizeTooBig"), "refused: 413 MessageSizeTooBig made up"),
    ],
)
def test_what_a_part_is_marked_with(answer, mark):
    _, marks = parts({"text": "hello"}, answer)
    assert marks == [mark]


def test_a_token_that_expires_in_the_middle_is_replaced_once():
    memory = KeyValueStore(remembered_login("stale"))
    with connected("taken", refused(401, "Unauthorized"), memory=memory) as (output, connector):
        asyncio.run(output.send_text_message("u", "one\n\ntwo"))
        bearers = [call.headers["authorization"] for call in connector.sent]
        assert connector.logins == 1
    assert bearers == ["Bearer stale", "Bearer stale", "Bearer t1"]
    assert json.loads(memory[f"token:{APP_ID}:botframework.com"])["token"] == "t1"


@pytest.mark.parametrize(
    "answer", [refused(401, "Unauthorized"), refused(401, "BotNotRegistered"), DENIED]
)
def test_a_token_that_is_refused_again_waits_for_other_credentials(answer):
    with connected(answer, answer) as (output, connector):
        with pytest.raises(CredentialsError, match=r"'app_id'.*docs/channels/botframework.md"):
            asyncio.run(output.send_text_message("u", "hello"))
        assert connector.logins == 2


def test_one_login_serves_all_instances_and_a_bot_its_own_conversations_only():
    memory = KeyValueStore()
    with connected(memory=memory) as (output, connector):
        url = connector.server.url
        asyncio.run(output.send_text_message("u", "one\n\ntwo"))
        for app_id in (APP_ID, "another-bot"):
            other = Connector.of_bot(app_id, PASSWORD, "", f"{url}/login", lambda: memory)
            other.send(url, "c", {"type": "message"})
        bearers = [call.headers["authorization"] for call in connector.sent]
    assert bearers == ["Bearer t1", "Bearer t1", "Bearer t1", "Bearer t2"]


def refused_login(*errors):
    document = {"error": errors[0], "error_description": errors[-1]}
    with (
        recording_server(lambda recorded: (400, json.dumps(document).encode(), {})) as server,
        pytest.raises(CredentialsError) as raised,
    ):
        login(server.url, APP_ID, PASSWORD)
    assert PASSWORD not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("error", "description", "said"),
    [
        ("unauthorized_client", "AADSTS700016: Application ... not found", "'app_tenant_id'"),
        ("invalid_request", "AADSTS90002: Tenant 'x' not found", "'app_tenant_id'"),
        ("invalid_client", "AADSTS7000215: Invalid client secret", "'app_password'"),
        ("invalid_client", "AADSTS7000222: The secret has expired", "'app_password'"),
        ("invalid_scope", "AADSTS70011: odd", "(invalid_scope)"),
    ],
)
def test_a_login_that_is_refused_names_the_key(error, description, said):
    text = refused_login(error, description)
    assert said in text
    assert "docs/channels/botframework.md" in text


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((401, b'{"error": "invalid_client"}', {}), CredentialsError),
        *((page, PlatformUnavailable) for page in PAGES.values()),
        ((429, b"", {"retry-after": "3"}), RateLimited),
        ((503, b"", {}), PlatformUnavailable),
        ((200, b"", {}), PlatformUnavailable),
        ((200, b'{"access_token": "t"}', {}), PlatformUnavailable),
        ((200, b'{"access_token": "t", "expires_in": "soon"}', {}), PlatformUnavailable),
        (None, PlatformUnavailable),
    ],
)
def test_other_answers_of_the_login(answer, kind):
    with recording_server(lambda recorded: answer) as server, pytest.raises(kind):
        login(server.url, APP_ID, PASSWORD)


def test_a_life_time_may_be_a_text():
    answer = 200, b'{"access_token": "t", "expires_in": "3599"}', {}
    with recording_server(lambda recorded: answer) as server:
        assert login(server.url, APP_ID, PASSWORD) == ("t", 3599.0)


def test_a_bot_logs_in_where_its_tenant_is():
    assert login_url(MULTI_TENANT) == (
        "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token"
    )
    assert login_url(TENANT) == (
        "https://login.microsoftonline.com/99999999-8888-7777-6666-555555555555/oauth2/v2.0/token"
    )
