"""The small AWS client: protocol, connection, retries, errors."""

import json

import pytest

from channels.aws.json_api import JsonApi, ServiceError
from tests.recording_server import recording_server

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "AWS_SESSION_TOKEN": "example-session-token",
}


def answer(status, document):
    return (status, json.dumps(document).encode(), {"content-type": "application/x-amz-json-1.1"})


def api(server, service="ssm", **options):
    return JsonApi(service, {**ENVIRONMENT, "AWS_ENDPOINT_URL": server.url}, **options)


@pytest.mark.parametrize(
    ("service", "operation", "target", "version"),
    [
        ("ssm", "GetParameter", "AmazonSSM.GetParameter", "1.1"),
        ("sqs", "SendMessage", "AmazonSQS.SendMessage", "1.0"),
        ("dynamodb", "PutItem", "DynamoDB_20120810.PutItem", "1.0"),
    ],
)
def test_a_call_is_one_signed_json_post(service, operation, target, version):
    with recording_server(lambda request: answer(200, {"ok": 1})) as server:
        client = api(server, service, now=lambda: 1767323045)
        assert client.call(operation, {"Name": "é"}) == {"ok": 1}
        client.close()
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/")
    assert request.headers["x-amz-target"] == target
    assert request.headers["content-type"] == f"application/x-amz-json-{version}"
    assert request.headers["x-amz-date"] == "20260102T030405Z"
    assert request.headers["x-amz-security-token"] == "example-session-token"
    assert f"/eu-west-1/{service}/aws4_request" in request.headers["authorization"]
    assert request.json == {"Name": "é"}


def test_the_connection_is_kept_for_the_next_call():
    with recording_server(lambda request: answer(200, {})) as server:
        client = api(server)
        for _ in range(3):
            client.call("GetParameter", {})
        client.close()
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_that_was_closed_meanwhile_is_renewed():
    replies = iter([answer(200, {"n": 1}), None, answer(200, {"n": 2})])
    with recording_server(lambda request: next(replies)) as server:
        client = api(server)
        assert client.call("GetParameter", {}) == {"n": 1}
        assert client.call("GetParameter", {}) == {"n": 2}
        client.close()
    assert server.connections == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "InternalServerError"), (503, ""), (400, "ThrottlingException")],
)
def test_what_may_pass_is_tried_once_more(status, code):
    replies = iter([answer(status, {"__type": f"x#{code}"}), answer(200, {"ok": 1})])
    with recording_server(lambda request: next(replies)) as server:
        client = api(server)
        assert client.call("GetParameter", {}) == {"ok": 1}
        client.close()


@pytest.mark.parametrize(
    ("reply", "code", "attempts"),
    [
        (answer(400, {"__type": "com.amazonaws#ParameterNotFound"}), "ParameterNotFound", 1),
        (answer(400, {"__type": "ParameterNotFound", "message": "m"}), "ParameterNotFound", 1),
        ((403, b"<html>", {}), "HTTP 403", 1),
        ((400, b"[]", {}), "HTTP 400", 1),
        (answer(500, {"__type": "x#InternalServerError"}), "InternalServerError", 2),
        (None, "ConnectionError", 2),
    ],
)
def test_a_failure_carries_awss_code(reply, code, attempts):
    with recording_server(lambda request: reply) as server:
        client = api(server)
        with pytest.raises(ServiceError) as raised:
            client.call("GetParameter", {"Name": "/secret/name"})
        client.close()
    assert raised.value.code == code
    assert len(server.requests) == attempts
    assert "example-secret-key" not in str(raised.value)


def test_a_service_that_is_not_there_is_a_connection_error():
    client = JsonApi("ssm", {**ENVIRONMENT, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    with pytest.raises(ServiceError) as raised:
        client.call("GetParameter", {})
    assert raised.value.code == "ConnectionError"


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ({"AWS_REGION": "eu-west-1"}, "ssm.eu-west-1.amazonaws.com"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "ssm.us-east-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, "ssm.cn-north-1.amazonaws.com.cn"),
        ({"AWS_REGION": "x", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "127.0.0.1:4566"),
        (
            {
                "AWS_REGION": "x",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
                "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:4599",
            },
            "127.0.0.1:4599",
        ),
    ],
)
def test_the_endpoint_is_found_as_the_sdks_find_it(environment, host):
    assert JsonApi("ssm", environment).host == host
