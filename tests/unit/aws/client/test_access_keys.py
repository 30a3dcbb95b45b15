"""The access key to sign with: of the environment, or of the container as with SnapStart."""

import datetime
import json
from contextlib import contextmanager

import pytest
from botocore.credentials import ContainerProvider

from channels.aws.client.access_keys import AccessKeys, NoAccessKey
from tests.servers.recording_server import recording_server

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "AWS_SESSION_TOKEN": "example-session-token",
}
NOW = 1767225600.0
HOUR = 3600.0


def parts(key):
    return (key.access_key, key.secret_key, key.session_token)


def document(number, expires):
    when = datetime.datetime.fromtimestamp(expires, datetime.UTC)
    return {
        "AccessKeyId": f"key-{number}",
        "SecretAccessKey": f"secret-{number}",
        "Token": f"token-{number}",
        "Expiration": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


@contextmanager
def container(respond):
    """A container that answers as told, and the environment that leads to it."""
    with recording_server(respond) as server:
        yield (
            server,
            {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/2021/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "made-up",
            },
        )


def test_the_environment_s_key():
    keys = AccessKeys(ENVIRONMENT, lambda: NOW)
    assert parts(keys.current()) == tuple(ENVIRONMENT.values())
    assert keys.current() is keys.current()


def test_a_long_lived_key_has_no_token():
    environment = {k: v for k, v in ENVIRONMENT.items() if k != "AWS_SESSION_TOKEN"}
    assert AccessKeys(environment, lambda: NOW).current().session_token == ""


def test_the_container_s_key_is_what_botocore_reads():
    body = json.dumps(document(1, NOW + 1e9)).encode()
    with container(lambda request: (200, body, {})) as (server, environment):
        ours = AccessKeys(environment, lambda: NOW).current()
        theirs = ContainerProvider(environ=environment).load()
    assert parts(ours) == (theirs.access_key, theirs.secret_key, theirs.token)
    first, second = server.requests
    assert (first.path, first.headers["authorization"]) == ("/2021/credentials", "made-up")
    assert (second.path, second.headers["authorization"]) == ("/2021/credentials", "made-up")


def test_the_container_s_key_is_fetched_again_before_it_expires():
    clock = [NOW]
    fetched = []

    def respond(request):
        fetched.append(request)
        return 200, json.dumps(document(len(fetched), clock[0] + HOUR)).encode(), {}

    with container(respond) as (_, environment):
        keys = AccessKeys(environment, lambda: clock[0])
        assert keys.current() is keys.current()
        clock[0] += HOUR - 301
        assert keys.current().access_key == "key-1"
        clock[0] += 2
        assert keys.current().access_key == "key-2"


@pytest.mark.parametrize(
    "reply",
    [
        (500, b"", {}),
        (200, b"secret-1", {}),
        (200, b"[]", {}),
        (200, b'{"AccessKeyId": "key-1", "SecretAccessKey": "secret-1"}', {}),
        (200, json.dumps(document(1, NOW) | {"Expiration": "soon"}).encode(), {}),
        None,
    ],
)
def test_a_container_that_gives_none_is_said_without_what_it_gave(reply):
    with (
        container(lambda request: reply) as (_, environment),
        pytest.raises(NoAccessKey, match="the container returned no key") as raised,
    ):
        AccessKeys(environment, lambda: NOW).current()
    assert "secret-1" not in str(raised.value)
    assert raised.value.__context__ is None or raised.value.__suppress_context__


def test_an_environment_without_a_key():
    with pytest.raises(NoAccessKey, match="neither AWS_ACCESS_KEY_ID"):
        AccessKeys({}, lambda: NOW).current()
