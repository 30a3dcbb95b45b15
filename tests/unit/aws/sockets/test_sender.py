"""@connections and Lambda's asynchronous Invoke, against a local server."""

import json
from contextlib import contextmanager, nullcontext

import pytest

from channels.aws.client.async_invoke import AsyncInvoke
from channels.aws.client.json_api import ServiceError
from channels.aws.client.signed_http import SignedHttp
from channels.aws.sockets.sender import Sender
from channels.errors import PlatformUnavailable, RateLimited, RecipientGone, SendError
from channels.wiring.settings import Settings
from tests.servers.recording_server import recording_server

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "SOCKET_API": "abc123",
    "SOCKET_STAGE": "prod",
}


class Statuses:
    """Answers with one status after the other."""

    def __init__(self, *statuses):
        self.left = list(statuses)

    def __call__(self, request):
        status = self.left.pop(0) if self.left else 200
        return None if status is None else (status, b"", {})


@contextmanager
def posting(server, slept=None):
    settings = Settings({**ENVIRONMENT, "AWS_ENDPOINT_URL": server.url})
    http = SignedHttp("execute-api", settings.sockets_url, settings.environment)
    try:
        yield Sender(http, (slept if slept is not None else []).append)
    finally:
        http.close()


@contextmanager
def opener(server):
    http = SignedHttp("lambda", server.url, ENVIRONMENT)
    try:
        yield AsyncInvoke("opener-1", http)
    finally:
        http.close()


def test_a_post_is_signed_and_carries_the_frame():
    with recording_server(Statuses()) as server, posting(server) as api:
        api.post("L0SM9cOFvHcCIhw=", '42["bot_uttered",{"text":"Grüße \ud83d"}]')
    [request] = server.requests
    assert request.method == "POST"
    assert request.path == "/_aws/execute-api/abc123/prod/@connections/L0SM9cOFvHcCIhw%3D"
    assert request.body.decode() == '42["bot_uttered",{"text":"Grüße ?"}]'
    assert "/eu-west-1/execute-api/aws4_request" in request.headers["authorization"]


@pytest.mark.parametrize(
    ("statuses", "error", "posts"),
    [
        ([410], RecipientGone, 1),
        ([403], SendError, 1),
        ([413], SendError, 1),
        ([429, 429, 429], RateLimited, 3),
        ([500, 502, 503], PlatformUnavailable, 3),
        ([None, None, None], PlatformUnavailable, 3),
        ([429, 200], None, 2),
        ([None, 500, 200], None, 3),
        ([500, 410], RecipientGone, 2),
    ],
)
def test_refusals(statuses, error, posts):
    slept = []
    expected = pytest.raises(error) if error else nullcontext()
    with recording_server(Statuses(*statuses)) as server, posting(server, slept) as api, expected:
        api.post("a", "2")
    assert len(server.requests) == posts
    assert len(slept) == sum(status in (None, 429, 500, 502, 503) for status in statuses[:2])


@pytest.mark.parametrize("status", [204, 410])
def test_closing_what_is_open_or_closed(status):
    with recording_server(Statuses(status)) as server, posting(server) as api:
        api.close("a")
    assert (server.requests[0].method, server.requests[0].body) == ("DELETE", b"")


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"),
        (
            {"AWS_REGION": "cn-north-1"},
            "https://abc123.execute-api.cn-north-1.amazonaws.com.cn/prod",
        ),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"},
            "http://127.0.0.1:4566/_aws/execute-api/abc123/prod",
        ),
        ({"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": "http://proxy/x"}, "http://proxy/x"),
        ({"SOCKET_API": ""}, ""),
    ],
)
def test_where_connections_are(environment, url):
    assert Settings({**ENVIRONMENT, **environment}).sockets_url == url


def test_a_function_is_started_without_waiting():
    with recording_server(lambda request: (202, b"", {})) as server, opener(server) as invoke:
        invoke({"connection": "a"})
    [request] = server.requests
    assert request.path == "/2015-03-31/functions/opener-1/invocations"
    assert request.headers["x-amz-invocation-type"] == "Event"
    assert json.loads(request.body) == {"connection": "a"}
    assert "/eu-west-1/lambda/aws4_request" in request.headers["authorization"]


@pytest.mark.parametrize("status", [200, 404, 429, 500])
def test_a_function_that_was_not_started(status):
    with (
        recording_server(Statuses(status)) as server,
        opener(server) as invoke,
        pytest.raises(ServiceError),
    ):
        invoke({})


def test_a_lost_connection_to_lambda_is_tried_again():
    replies = iter([None, (202, b"", {})])
    with recording_server(lambda request: next(replies)) as server, opener(server) as invoke:
        invoke({})
    assert len(server.requests) == 2
