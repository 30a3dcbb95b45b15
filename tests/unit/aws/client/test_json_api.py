"""The small AWS client: protocol, connection, retries, errors."""

import json
import threading

import pytest

from channels.aws.client.json_api import JsonApi, ServiceError
from tests.servers.authorities import Authority
from tests.servers.recording_server import recording_server

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "AWS_SESSION_TOKEN": "example-session-token",
}


def answer(status, document):
    return (status, json.dumps(document).encode(), {"content-type": "application/x-amz-json-1.1"})


def api(server, service="ssm", **options):
    options.setdefault("sleep", lambda seconds: None)
    return JsonApi(service, {**ENVIRONMENT, "AWS_ENDPOINT_URL": server.url}, **options)


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


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


def test_renewing_a_connection_is_no_second_attempt():
    replies = iter([answer(200, {}), None, answer(503, {}), answer(200, {"n": 2})])
    with recording_server(lambda request: next(replies)) as server:
        client = api(server)
        client.call("GetParameter", {})
        assert client.call("GetParameter", {}) == {"n": 2}
        client.close()


def test_a_service_that_had_no_time_is_given_some():
    clock = Clock()
    replies = iter([answer(503, {}), answer(200, {})])
    with recording_server(lambda request: next(replies)) as server:
        client = api(server, clock=clock, sleep=clock.sleep)
        client.call("GetParameter", {})
        client.close()
    [pause] = clock.slept
    assert 0 < pause <= 0.5


def test_without_time_left_there_is_no_second_attempt():
    clock = Clock()

    def slow(request):
        clock.now += 7.95
        return answer(503, {"__type": "x#ServiceUnavailable"})

    with recording_server(slow) as server:
        client = api(server, clock=clock, sleep=clock.sleep, time_limit=8.0)
        with pytest.raises(ServiceError, match="ServiceUnavailable"):
            client.call("GetParameter", {})
        client.close()
    assert (len(server.requests), clock.slept) == (1, [])


def test_a_second_attempt_has_what_the_first_one_left():
    clock = Clock()
    held = threading.Event()

    def stuck(request):
        if len(server.requests) == 1:
            clock.now += 7.5
        else:
            held.wait(10)

    with recording_server(stuck) as server:
        client = api(server, clock=clock, timeout=30.0, time_limit=8.0)
        with pytest.raises(ServiceError, match="timed out") as raised:
            client.call("GetParameter", {})
        held.set()
        client.close()
    assert raised.value.code == "ConnectionError"
    assert len(server.requests) == 2


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff"])
def test_an_answer_that_is_none_is_an_error(body):
    with recording_server(lambda request: (200, body, {})) as server:
        client = api(server)
        with pytest.raises(ServiceError) as raised:
            client.call("GetParameter", {})
        client.close()
    assert raised.value.code == "InvalidAnswer"


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ({"AWS_REGION"}, "NoRegion"),
        ({"AWS_ACCESS_KEY_ID"}, "NoAccessKey"),
        ({"AWS_SECRET_ACCESS_KEY"}, "NoAccessKey"),
    ],
)
def test_what_cannot_be_signed_is_not_sent(missing, code):
    environment = {key: value for key, value in ENVIRONMENT.items() if key not in missing}
    with recording_server(lambda request: answer(200, {})) as server:
        client = JsonApi("ssm", {**environment, "AWS_ENDPOINT_URL": server.url})
        with pytest.raises(ServiceError, match=r"GetParameter: No\w+: the environment") as raised:
            client.call("GetParameter", {})
    assert raised.value.code == code
    assert server.requests == []


def test_over_tls_the_bundle_of_the_environment_is_believed(tmp_path):
    authority = Authority(tmp_path, "ours")
    with recording_server(lambda request: answer(200, {"ok": 1}), tls=authority.server()) as server:
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": server.url}
        believing = JsonApi("ssm", {**environment, "AWS_CA_BUNDLE": str(authority.bundle)})
        assert believing.call("GetParameter", {}) == {"ok": 1}
        believing.close()
        with pytest.raises(ServiceError, match="CERTIFICATE_VERIFY_FAILED") as raised:
            JsonApi("ssm", environment).call("GetParameter", {})
    assert raised.value.code == "ConnectionError"
    assert len(server.requests) == 1
