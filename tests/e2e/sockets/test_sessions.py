"""Sessions on several devices, many connections, and plain JSON, against the deployed stack."""

from __future__ import annotations

import json
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.e2e.sockets.raw_client import PATIENCE, Raw


def test_both_devices_get_the_reply_and_nobody_else_does(stack):
    session = uuid.uuid4().hex
    with ExitStack() as exits:
        first, second, stranger = (Raw.open(exits, stack) for _ in range(3))
        first.join(session)
        second.join(session)
        stranger.join(uuid.uuid4().hex)
        first.emit("user_uttered", {"message": "bye", "session_id": session})
        assert first.event() == second.event() == ["bot_uttered", {"text": "Bye"}]
        with pytest.raises(TimeoutError):
            stranger.hear(timeout=1)


def test_a_hundred_connections_opened_in_tens_are_all_answered(stack):
    def talk(number):
        with ExitStack() as exits:
            raw = Raw.open(exits, stack)
            session = uuid.uuid4().hex
            raw.join(session)
            raw.emit("user_uttered", {"message": f"number {number}", "session_id": session})
            return raw.event()[1]["text"]

    with ThreadPoolExecutor(max_workers=10) as threads:
        said = list(threads.map(talk, range(100)))
    assert said == [f"You said: number {number}" for number in range(100)]


def test_junk_ends_in_a_closed_connection_and_bothers_nobody_else(stack):
    generator = random.Random(7)  # noqa: S311 - not for secrets
    frames = ["", "42notjson", "4" * 1000, '{"action":"$connect"}', "[" * 500, "\U0001f600", "44{}"]
    frames += ["".join(map(chr, generator.choices(range(32, 0x500), k=50))) for _ in range(30)]
    with ExitStack() as exits:
        bystander = Raw.open(exits, stack)
        vandal = Raw.open(exits, stack)
        with pytest.raises(ConnectionClosed):
            for frame in frames * 3:
                vandal.say(frame)
            while True:
                assert "Traceback" not in vandal.hear()
        session = uuid.uuid4().hex
        bystander.join(session)
        bystander.emit("user_uttered", {"message": "bye", "session_id": session})
        assert bystander.event() == ["bot_uttered", {"text": "Bye"}]


def test_a_frame_too_large_ends_the_connection(stack):
    with ExitStack() as exits:
        raw = Raw.open(exits, stack)
        raw.emit("user_uttered", {"message": "x" * 40_000})
        with pytest.raises(ConnectionClosed):
            while True:
                raw.hear()


def test_an_origin_that_is_not_allowed(sockets):
    stack = sockets.use({"allowed_origins": ["https://www.example.com"]})
    with ExitStack() as exits:
        Raw.open(exits, stack, origin="https://www.example.com")
        with pytest.raises(InvalidStatus) as refused:
            Raw.open(exits, stack, origin="https://evil.example")
        assert refused.value.response.status_code == 403


def test_plain_json(stack):
    session = uuid.uuid4().hex
    with connect(stack.websocket_url, open_timeout=PATIENCE) as socket:

        def hear():
            return json.loads(socket.recv(timeout=PATIENCE))

        def say(**document):
            socket.send(json.dumps(document))

        say(action="session_request", session_id=session)
        assert hear() == {"action": "session_confirm", "session_id": session}
        say(action="user_uttered", message="bye", session_id=session, id=7)
        assert hear() == {"action": "ack", "id": 7}
        assert hear() == {"action": "bot_uttered", "text": "Bye"}
        say(action="ping")
        assert hear() == {"action": "pong"}
        say(action="dance")
        assert hear()["action"] == "error"


def test_the_dialect_of_rasa_pros_demonstration(stack):
    with connect(stack.websocket_url, open_timeout=PATIENCE) as socket:
        socket.send(json.dumps({"message": "/stream", "sender": (me := uuid.uuid4().hex)}))
        heard = [json.loads(socket.recv(timeout=PATIENCE))]
        while heard[-1]["type"] != "stream_end":
            heard.append(json.loads(socket.recv(timeout=PATIENCE)))
        assert {frame["recipient_id"] for frame in heard} == {me}
        assert heard[0]["type"] == "stream_start"
        socket.send(json.dumps({"message": "bye", "sender": me}))
        assert json.loads(socket.recv(timeout=PATIENCE))["text"] == "Bye"


def test_health(stack):
    for slash in ("", "/"):
        answer = requests.get(f"{stack.http_url}/webhooks/socketio{slash}", timeout=PATIENCE)
        assert answer.json() == {"status": "ok"}
