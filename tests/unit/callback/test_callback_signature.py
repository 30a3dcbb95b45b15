"""Signatures of the callback channel, checked by a receiver written from the specification.

https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, version 1.0.0.
"""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from channels.callback.delivery import CallbackDelivery, read_target, webhook_id
from channels.clients.http_pool import HttpPool
from channels.turns.outcome import Done

PAGE = Path(__file__).parents[3] / "docs" / "channels" / "callback.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_614_265_330.0


class Network(HttpPool):
    """Keeps what is sent and answers 200."""

    def post(self, url, body, headers, *, timeout, connect_timeout):
        self.headers, self.body = {key.lower(): value for key, value in headers.items()}, body
        return HTTPResponse(status=200)


def sent(delivery_id="m1:1", message=None, secret=SECRET, now=NOW, **settings):
    """Headers and body of one delivery."""
    network = Network()
    target = read_target({"url": "https://bot.example", "signing_secret": secret, **settings})
    delivery = CallbackDelivery(
        target, resolver=lambda *host: ["93.184.215.14"], now=lambda: now, connections=network
    )
    document = json.dumps({"delivery_id": delivery_id, "message": message or {"text": "hi"}})
    assert delivery.deliver(document, 1, now) == Done()
    return network.headers, network.body


class Receiver:
    """Verifies by the specification; remembers ids to drop what came before."""

    def __init__(self, secret, now=NOW):
        self.key, self.now = base64.b64decode(secret.removeprefix("whsec_")), now

    def accepts(self, headers, body):
        signed = b".".join(
            [headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body]
        )
        mac = base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest())
        return abs(self.now - int(headers["webhook-timestamp"])) <= 300 and any(
            version == "v1" and hmac.compare_digest(signature.encode(), mac)
            for version, _, signature in (
                each.partition(",") for each in headers["webhook-signature"].split(" ")
            )
        )


def test_the_signature_is_the_one_of_the_specifications_libraries():
    headers, body = sent("msg_p5jXN8AQM9LWM0D4loKWxJek", {"test": 2432232314})
    assert body == b'{"test": 2432232314}'
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("array", [False, True])
def test_a_receiver_accepts_what_is_ours_and_nothing_else(array):
    headers, body = sent(array=array)
    receiver = Receiver(SECRET)
    assert receiver.accepts(headers, body)
    assert not receiver.accepts(headers, body + b" ")
    assert not receiver.accepts({**headers, "webhook-id": "m1:2"}, body)
    assert not receiver.accepts({**headers, "webhook-timestamp": str(int(NOW) + 1)}, body)
    assert not Receiver("whsec_" + base64.b64encode(b"x" * 24).decode()).accepts(headers, body)
    assert not Receiver(SECRET, NOW + 301).accepts(headers, body)


@given(delivery_id=st.text(max_size=60), text=st.text(max_size=60))
def test_whatever_a_client_calls_its_message_is_one_line_and_verifies(delivery_id, text):
    headers, body = sent(delivery_id, {"text": text})
    assert re.fullmatch(r"[A-Za-z0-9_~:%-]*", headers["webhook-id"])
    assert Receiver(SECRET).accepts(headers, body)
    assert json.loads(body) == {"text": text}


@given(ids=st.sets(st.text(max_size=20), min_size=2, max_size=2))
def test_different_ids_stay_different(ids):
    first, second = ids
    assert webhook_id(first) != webhook_id(second)


@pytest.mark.parametrize(
    ("delivery_id", "header"),
    [
        ("order-4711:1", "order-4711:1"),
        ("a.b:1", "a%2Eb:1"),
        ("a\r\nx-admin: 1:1", "a%0D%0Ax-admin:%201:1"),
        ("\N{SNOWMAN}:1", "%E2%98%83:1"),
        ("\ud800:1", "%ED%A0%80:1"),
    ],
)
def test_ids_in_the_header(delivery_id, header):
    assert webhook_id(delivery_id) == header


def test_a_receivers_own_headers_cannot_replace_ours():
    headers, body = sent(
        headers={"Webhook-Id": "x", "webhook-signature": "v1,x", "content-type": "text/plain"}
    )
    assert headers["content-type"] == "application/json"
    assert Receiver(SECRET).accepts(headers, body)


def test_the_readmes_receiver_accepts_it():
    source = re.search(r"def is_ours\(.*?\n```", PAGE.read_text(encoding="utf-8"), re.S)
    assert source is not None
    time = type("time", (), {"time": staticmethod(lambda: NOW)})
    names = {"b64decode": base64.b64decode, "b64encode": base64.b64encode, "hmac": hmac}
    names["time"] = time
    exec(source[0].removesuffix("```"), names)  # noqa: S102 (the code that users copy)
    headers, body = sent()
    assert names["is_ours"](headers, body, SECRET)
    assert not names["is_ours"](headers, body + b" ", SECRET)
