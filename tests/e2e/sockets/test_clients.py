"""Unmodified Socket.IO clients of all versions in use, against the deployed stack."""

from __future__ import annotations

import time
import uuid

import jwt
import pytest

from tests.e2e.sockets.scenario import CLIENTS, OLD_CLIENTS, named, run_scenario, texts

KEY = "k" * 32
CLOSED = {
    "session_persistence": True,
    "namespace": "/rasa",
    "jwt_key": KEY,
    "metadata_key": "customData",
}


@pytest.fixture(params=CLIENTS)
def client(request):
    return request.param


@pytest.fixture
def session():
    return uuid.uuid4().hex


@pytest.fixture
def closed(sockets):
    return sockets.use(CLOSED)


def token(subject="alice", key=KEY, lifetime=60):
    return jwt.encode({"sub": subject, "exp": int(time.time()) + lifetime}, key, "HS256")


def test_a_conversation(client, stack):
    seen = run_scenario(
        client,
        stack,
        [
            ("wait", ["connect", 1]),
            ("ask", ["session_request", {"session_id": None}]),
            ("wait", ["session_confirm", 1]),
            ("wait", ["ack", 1]),
            ("ask", ["user_uttered", {"message": "hi", "session_id": None}]),
            ("wait", ["bot_uttered", 1]),
            ("wait", ["ack", 2]),
            ("emit", ["user_uttered", {"message": "/mood_unhappy"}]),
            ("wait", ["bot_uttered", 4]),
            ("emit", ["user_uttered", {"message": "cards"}]),
            ("wait", ["bot_uttered", 5]),
            ("emit", ["user_uttered", {"message": "/custom"}]),
            ("wait", ["bot_uttered", 6]),
        ],
    )
    [[confirmed]] = named(seen, "session_confirm")
    assert isinstance(confirmed, str)
    assert len(confirmed) == 32
    said = named(seen, "bot_uttered")
    assert [len(arguments) for arguments in said] == [1] * 6
    greeting, cheer, image, question, cards, custom = (arguments[0] for arguments in said)
    assert greeting["text"] == "Hey! How are you?"
    assert greeting["quick_replies"][0]["payload"] == "/mood_great"
    assert "cheer you up" in cheer["text"]
    assert image["attachment"]["type"] == "image"
    assert question["quick_replies"][1]["title"] == "no"
    assert [card["title"] for card in cards["attachment"]["payload"]["elements"]] == [
        "Card 1",
        "Card 2",
    ]
    assert custom == {"type": "demo", "answer": 42}


@pytest.mark.parametrize("client", [each for each in CLIENTS if each not in OLD_CLIENTS])
def test_the_answer_arrives_though_the_transport_was_lost_right_after_sending(
    client, stack, session
):
    seen = run_scenario(
        client,
        stack,
        [
            ("wait", ["session_confirm", 1]),
            ("ask", ["user_uttered", {"message": "hi", "session_id": session}]),
            ("wait", ["ack", 1]),
            ("drop", None),
            ("wait", ["connect", 2]),
            ("wait", ["bot_uttered", 1]),
            ("emit", ["user_uttered", {"message": "bye", "session_id": session}]),
            ("wait", ["bot_uttered", 2]),
            ("rest", 500),
        ],
        on_connect=[["session_request", {"session_id": session}]],
    )
    # An answer that came just before the loss is not confirmed, and comes again.
    assert list(dict.fromkeys(texts(seen))) == ["Hey! How are you?", "Bye"]


def test_a_namespace_a_token_and_metadata(client, closed):
    query = {"token": token()} if client in OLD_CLIENTS else {}
    auth = None if client in OLD_CLIENTS else {"token": token()}
    seen = run_scenario(
        client,
        closed,
        [
            ("wait", ["connect", 1]),
            ("ask", ["session_request", {"session_id": uuid.uuid4().hex}]),
            ("wait", ["ack", 1]),
            ("emit", ["user_uttered", {"message": "hi", "customData": {"page": "/"}}]),
            ("wait", ["bot_uttered", 1]),
        ],
        namespace="/rasa",
        auth=auth,
        query=query,
    )
    assert texts(seen) == ["Hey! How are you?"]
    assert len(named(seen, "session_confirm")) == 1


def test_a_token_in_the_address(client, closed):
    seen = run_scenario(
        client,
        closed,
        [
            ("wait", ["connect", 1]),
            ("emit", ["user_uttered", {"message": "bye"}]),
            ("wait", ["bot_uttered", 1]),
        ],
        namespace="/rasa",
        query={"token": token()},
    )
    assert texts(seen) == ["Bye"]


@pytest.mark.parametrize(
    "given",
    [
        {"query": {"token": "not.a.token"}},
        {"query": {"token": token(key="x" * 32)}},
        {"query": {"token": token(lifetime=-60)}},
        {"auth": {"token": "not.a.token"}},
        {},
    ],
    ids=["no token in the address", "another key", "expired", "no token in auth", "nothing"],
)
def test_who_is_kept_out(client, closed, given):
    if client in OLD_CLIENTS and "auth" in given:
        given = {}
    seen = run_scenario(client, closed, [("wait", ["refused", 1])], namespace="/rasa", **given)
    assert not named(seen, "connect")


@pytest.mark.parametrize("client", ["2", "3", "4", "python-5"])
def test_an_unknown_namespace(client, stack):
    seen = run_scenario(client, stack, [("wait", ["refused", 1])], namespace="/other")
    assert "Invalid namespace" in str(named(seen, "refused")[0])


def test_connection_state_recovery(stack, session):
    seen = run_scenario(
        "4",
        stack,
        [
            ("wait", ["connect", 1]),
            ("emit", ["session_request", {"session_id": session}]),
            ("wait", ["session_confirm", 1]),
            ("ask", ["user_uttered", {"message": "hi"}]),
            ("wait", ["bot_uttered", 1]),
            ("ask", ["user_uttered", {"message": "bye"}]),
            ("wait", ["ack", 2]),
            ("drop", None),
            ("wait", ["connect", 2]),
            ("wait", ["bot_uttered", 2]),
            ("rest", 500),
        ],
        query={"recovery": "1"},
    )
    assert [recovered for _, recovered in named(seen, "connect")] == [False, True]
    assert texts(seen) == ["Hey! How are you?", "Bye"]


def test_a_streamed_answer_and_typing(stack):
    seen = run_scenario(
        "4",
        stack,
        [
            ("wait", ["connect", 1]),
            ("emit", ["user_uttered", {"message": "/stream"}]),
            ("wait", ["bot_uttered", 1]),
        ],
        auth={"stream": True, "typing": True},
    )
    streamed = [piece for [piece] in named(seen, "bot_stream")]
    assert "".join(piece.get("delta", "") for piece in streamed).strip() == texts(seen)[0]
    assert [piece["seq"] for piece in streamed] == list(range(len(streamed)))
    assert streamed[-1]["done"] is True
    assert len(named(seen, "bot_typing")) == 1
