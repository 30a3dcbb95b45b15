"""Delivery of the callback channel's messages to a real local server."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from urllib3 import HTTPResponse, exceptions

from channels.callback.delivery import CallbackDelivery, read_target
from channels.clients.http_pool import HttpPool
from channels.telemetry.logs import begin_fields, start_logging
from channels.turns.outcome import DeadLetter, Done, RetryLater
from tests.servers.recording_server import recording_server

DOCUMENT = json.dumps({"delivery_id": "m1:1", "message": {"recipient_id": "me", "text": "é"}})
NOW = 1767225600.0


def delivery_to(url, now=NOW, **settings):
    settings = {"url": url, "allow_private_addresses": True, **settings}
    return CallbackDelivery(read_target(settings), now=lambda: now, chance=lambda: 0.0)


def deliver(respond, attempt=1, queued_at=NOW, path="/bot", now=NOW, **settings):
    with recording_server(respond) as server:
        delivery = delivery_to(server.url + path, now, **settings)
        outcome = delivery.deliver(DOCUMENT, attempt, queued_at)
        delivery.close()
    return outcome, server.requests


def reply(status, **headers):
    return lambda request: (status, b"taken", {k.replace("_", "-"): v for k, v in headers.items()})


def test_a_message_is_one_json_object():
    outcome, [request] = deliver(reply(200))
    assert outcome == Done()
    assert (request.method, request.path) == ("POST", "/bot")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "m1:1"
    assert request.headers["webhook-timestamp"] == "1767225600"
    assert request.headers["x-delivery-attempt"] == "1"
    assert "webhook-signature" not in request.headers
    assert request.json == {"recipient_id": "me", "text": "é"}


def test_array_wraps_it_in_a_list():
    _, [request] = deliver(reply(200), array=True)
    assert request.json == [{"recipient_id": "me", "text": "é"}]


def test_rasas_endpoint_settings_are_used():
    _, [request] = deliver(
        reply(204),
        path="/bot?room=1",
        token="t/1",
        token_name="key",
        params={"lang": "de"},
        headers={"X-Team": "support"},
        basic_auth={"username": "u", "password": "p"},
    )
    assert request.path == "/bot?room=1&lang=de&key=t%2F1"
    assert request.headers["x-team"] == "support"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"u:p").decode()


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        (
            "whsec_" + base64.b64encode(b"24 bytes of key material").decode(),
            b"24 bytes of key material",
        ),
        ("a plain text", b"a plain text"),
    ],
)
def test_the_signature_is_that_of_standard_webhooks(secret, key):
    _, [request] = deliver(reply(200), signing_secret=secret)
    content = b"%s.%s.%s" % (
        request.headers["webhook-id"].encode(),
        request.headers["webhook-timestamp"].encode(),
        request.body,
    )
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_taken(status):
    assert deliver(reply(status))[0] == Done()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again_with_growing_delays(status):
    delays = [deliver(reply(status), attempt=attempt)[0].delay for attempt in (1, 2, 3, 9, 10, 99)]
    assert delays == [1, 2, 4, 256, 300, 300]


@pytest.mark.parametrize(
    ("retry_after", "delay"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("86400", 3600.0),
        ("soon", 1.0),
        ("0", 1.0),
        ("-5", 1.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 1.0),
        ("1 Jan 0 0:3000000000 GMT", 1.0),
    ],
)
def test_the_receiver_may_say_when(retry_after, delay):
    outcome, _ = deliver(reply(503, retry_after=retry_after))
    assert outcome.delay == delay


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 422])
def test_other_statuses_are_dead_letters_and_redirects_are_not_followed(status):
    with recording_server(reply(200)) as elsewhere:
        outcome, requests = deliver(reply(status, location=elsewhere.url))
    assert outcome == DeadLetter(f"status {status}")
    assert (len(requests), elsewhere.requests) == (1, [])


def test_a_connection_that_is_cut_is_tried_again():
    outcome, _ = deliver(lambda request: None)
    assert isinstance(outcome, RetryLater)


def test_a_receiver_that_is_too_slow_is_tried_again():
    def sleep(request):
        time.sleep(0.6)

    outcome, _ = deliver(sleep, timeout=0.2)
    assert isinstance(outcome, RetryLater)


def test_a_receiver_that_is_not_there_is_tried_again():
    delivery = delivery_to("http://127.0.0.1:9/bot")
    assert isinstance(delivery.deliver(DOCUMENT, 1, NOW), RetryLater)


def test_after_a_day_a_message_is_given_up_on():
    assert isinstance(deliver(reply(500), attempt=300, now=NOW + 86_399)[0], RetryLater)
    assert isinstance(deliver(reply(500), attempt=300, now=NOW + 86_401)[0], DeadLetter)
    assert deliver(reply(200), attempt=300, now=NOW + 86_401)[0] == Done()


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", '{"delivery_id": 1}', "null"])
def test_what_is_no_document_is_a_dead_letter(body):
    assert isinstance(delivery_to("http://127.0.0.1:9").deliver(body, 1, NOW), DeadLetter)


def test_a_private_address_is_refused_unless_allowed():
    with recording_server(reply(200)) as server:
        outcome = CallbackDelivery(read_target({"url": server.url})).deliver(DOCUMENT, 1, NOW)
    assert isinstance(outcome, DeadLetter)
    assert "allow_private_addresses" in outcome.reason
    assert server.requests == []


class Network(HttpPool):
    """Stands in for the network: what would be connected to, answered with 200."""

    def __init__(self, unreachable=()):
        super().__init__()
        self.calls, self.unreachable = [], unreachable

    def post(self, url, body, headers, *, timeout, connect_timeout):
        self.calls.append((url, headers["Host"]))
        if any(address in url for address in self.unreachable):
            raise exceptions.NewConnectionError(None, "refused")
        return HTTPResponse(status=200)


@pytest.mark.parametrize(
    ("address", "authority"),
    [("93.184.215.14", "93.184.215.14"), ("2606:2800:21f::1", "[2606:2800:21f::1]")],
)
def test_the_connection_goes_to_the_address_that_was_checked(address, authority):
    answers = iter([[address], ["127.0.0.1"]])
    asked = []

    def rebinding(host, port):
        asked.append((host, port))
        return next(answers)

    network = Network()
    target = read_target({"url": "http://rebinding.example:81/bot"})
    delivery = CallbackDelivery(target, resolver=rebinding, connections=network)
    assert delivery.deliver(DOCUMENT, 1, NOW) == Done()
    assert asked == [("rebinding.example", 81)], "the name is not looked up a second time"
    assert network.calls == [(f"http://{authority}:81/bot", "rebinding.example:81")]
    assert isinstance(delivery.deliver(DOCUMENT, 2, NOW), DeadLetter), "now it is private"
    assert len(network.calls) == 1


def outcome_of_addresses(*unreachable):
    network = Network(unreachable)
    target = read_target({"url": "https://two.example"})
    two = ["2606:2800:21f::1", "93.184.215.14"]
    delivery = CallbackDelivery(target, resolver=lambda host, port: two, connections=network)
    outcome = delivery.deliver(DOCUMENT, 1, time.time())
    return outcome, [url for url, _ in network.calls]


def test_the_next_address_is_tried_where_no_connection_comes_about():
    first, second = "https://[2606:2800:21f::1]", "https://93.184.215.14"
    assert outcome_of_addresses() == (Done(), [first])
    assert outcome_of_addresses("2606:2800:21f::1") == (Done(), [first, second])
    outcome, urls = outcome_of_addresses("2606:2800:21f::1", "93.184.215.14")
    assert outcome == RetryLater(1.0, "NewConnectionError")
    assert urls == [first, second]


def test_a_name_that_does_not_resolve_is_tried_again():
    def unknown(host, port):
        raise OSError("unknown name")

    target = read_target({"url": "https://unknown.example"})
    delivery = CallbackDelivery(target, resolver=unknown, now=lambda: NOW, connections=Network())
    assert isinstance(delivery.deliver(DOCUMENT, 1, NOW), RetryLater)


def test_the_host_header_is_the_names_and_nothing_secret_is_logged(caplog):
    caplog.set_level("DEBUG")
    outcome, [request] = deliver(reply(500), token="top-secret", signing_secret="s" * 20)
    assert isinstance(outcome, RetryLater)
    assert request.headers["host"].startswith("127.0.0.1:")
    assert "m1:1" in caplog.text
    assert not any(secret in caplog.text for secret in ("top-secret", "s" * 20, "\u00e9"))


def test_connections_are_kept():
    with recording_server(reply(200)) as server:
        delivery = delivery_to(server.url)
        for _ in range(3):
            delivery.deliver(DOCUMENT, 1, NOW)
        delivery.close()
    assert (len(server.requests), server.connections) == (3, 1)


@pytest.mark.parametrize(
    ("delivery_id", "message_id"), [("m:1:2:abc", "m:1"), ("m1:1:abc", "m1"), ("4f5e", None)]
)
def test_its_log_lines_name_the_message_that_is_answered(delivery_id, message_id, caplog):
    caplog.set_level("INFO")
    start_logging("INFO")
    begin_fields(None, "Root=1-a", channel="callback")
    body = json.dumps({"delivery_id": delivery_id, "message": {"recipient_id": "me"}})
    with recording_server(reply(200)) as server:
        delivery = delivery_to(server.url)
        delivery.deliver(body, 1, NOW)
        delivery.close()
    begin_fields(None)
    line = caplog.records[-1]
    assert (line.trace_id, line.channel, line.sender_id) == ("1-a", "callback", "me")
    assert getattr(line, "message_id", None) == message_id
    assert line.delivery_id == delivery_id
