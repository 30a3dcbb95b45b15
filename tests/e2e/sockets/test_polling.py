"""Unmodified Socket.IO clients that begin with long polling, through the one host of both APIs."""

from __future__ import annotations

import json
import time
import uuid

import jwt
import pytest
import requests

from channels.socketio.polling_codec import decode_payload
from tests.e2e.sockets.scenario import CLIENTS, OLD_CLIENTS, named, run_scenario, texts

KEY = "k" * 32
CLOSED = {"session_persistence": True, "namespace": "/rasa", "jwt_key": KEY}
PATIENCE = 60.0

#: A client's own choice is to poll first and move to a WebSocket; behind some proxies it cannot.
TRANSPORTS = {"as they come": (None, "websocket"), "polling only": (["polling"], "polling")}


@pytest.fixture(params=CLIENTS)
def client(request):
    return request.param


@pytest.fixture(params=TRANSPORTS.values(), ids=TRANSPORTS)
def transports(request):
    return request.param


@pytest.fixture
def session():
    return uuid.uuid4().hex


def test_a_conversation(client, transports, stack, session):
    chosen, lasting = transports
    seen = run_scenario(
        client,
        stack,
        [
            ("wait", ["connect", 1]),
            ("ask", ["session_request", {"session_id": session}]),
            ("wait", ["session_confirm", 1]),
            ("wait", ["ack", 1]),
            ("ask", ["user_uttered", {"message": "hi \U0001f600", "session_id": session}]),
            ("wait", ["bot_uttered", 1]),
            ("wait", ["ack", 2]),
            ("transport", lasting),
            ("emit", ["user_uttered", {"message": "/mood_unhappy"}]),
            ("emit", ["user_uttered", {"message": "cards"}]),
            ("wait", ["bot_uttered", 6]),
            ("rest", 500),
        ],
        transports=chosen,
    )
    assert len(named(seen, "connect")) == 1
    assert named(seen, "session_confirm") == [[session]]
    said = [arguments[0] for arguments in named(seen, "bot_uttered")]
    assert len(said) == 6
    assert said[0]["text"] == "You said: hi \U0001f600"
    assert said[1]["text"].startswith("Say hi")
    assert "cheer you up" in said[2]["text"]
    assert said[3]["attachment"]["type"] == "image"
    assert said[5]["attachment"]["payload"]["elements"][0]["title"] == "Card 1"


@pytest.mark.parametrize("client", ["2", "3", "4"])
def test_what_is_said_while_the_client_moves_arrives_once_and_in_order(client, stack, session):
    numbers = [str(number) for number in range(12)]
    seen = run_scenario(
        client,
        stack,
        [
            ("wait", ["connect", 1]),
            *(
                ("emit", ["user_uttered", {"message": each, "session_id": session}])
                for each in numbers
            ),
            ("transport", "websocket"),
            ("wait", ["bot_uttered", 2 * len(numbers)]),
            ("rest", 1000),
        ],
        transports=None,
    )
    assert texts(seen)[::2] == [f"You said: {each}" for each in numbers]
    assert len(texts(seen)) == 2 * len(numbers)


def token(key=KEY):
    return jwt.encode({"sub": "alice", "exp": int(time.time()) + 60}, key, "HS256")


def test_a_namespace_and_a_token(client, transports, sockets):
    query = {"token": token()} if client in OLD_CLIENTS else {}
    auth = None if client in OLD_CLIENTS else {"token": token()}
    seen = run_scenario(
        client,
        sockets.use(CLOSED),
        [
            ("wait", ["connect", 1]),
            ("emit", ["user_uttered", {"message": "bye"}]),
            ("wait", ["bot_uttered", 1]),
        ],
        namespace="/rasa",
        auth=auth,
        query=query,
        transports=transports[0],
    )
    assert texts(seen) == ["Bye"]


def test_who_is_kept_out(client, sockets):
    stack = sockets.use(CLOSED)
    given = {"query": {"token": token(key="x" * 32)}, "transports": ["polling"]}
    seen = run_scenario(client, stack, [("wait", ["refused", 1])], namespace="/rasa", **given)
    assert not named(seen, "connect")


class Door:
    """Long polling in requests."""

    def __init__(self, stack):
        self.url = f"{stack.socketio_url}/socket.io/"
        self.query = {"EIO": "4", "transport": "polling"}

    def ask(self, method, body=None, headers=None, **query):
        return requests.request(
            method,
            self.url,
            params={**self.query, **query},
            data=body,
            headers={"content-type": "text/plain;charset=UTF-8", **(headers or {})},
            timeout=PATIENCE,
        )

    def open(self):
        [opening] = decode_payload(self.ask("GET").content, "4")
        self.query["sid"] = json.loads(opening[1:])["sid"]


def test_errors_are_engine_ios(stack):
    door = Door(stack)
    assert door.ask("GET", sid="x").json() == {"code": 1, "message": "Session ID unknown"}
    assert door.ask("POST").json()["code"] == 2
    assert door.ask("GET", transport="flash").json()["code"] == 0
    assert "JSONP" in door.ask("GET", j="0").json()["message"]


def test_an_idle_poll_ends_with_noop_and_one_that_waits_with_the_answer(stack, session):
    door = Door(stack)
    door.open()
    assert door.ask("POST", "40").text == "ok"
    assert door.ask("GET").text.startswith("40")
    started = time.monotonic()
    assert door.ask("GET").text == "6"
    assert 15 < time.monotonic() - started < 29
    request = {"message": "bye", "session_id": session}
    door.ask("POST", "42" + json.dumps(["user_uttered", request]))
    assert door.ask("GET").text.startswith('42["bot_uttered",{"text":"Bye"}]')
    door.ask("POST", "1")
    assert door.ask("GET").status_code == 400


def test_pages_that_are_not_allowed(sockets):
    door = Door(sockets.use({"allowed_origins": ["https://www.example.com"]}))
    allowed = door.ask("GET", headers={"origin": "https://www.example.com"})
    assert allowed.headers["access-control-allow-origin"] == "https://www.example.com"
    refused = door.ask("GET", headers={"origin": "https://evil.example"})
    assert (refused.status_code, refused.json()["code"]) == (403, 4)
