"""The REST channel in front of a Rasa server: what passes through, what each failure becomes."""

import json

import pytest

from channels.agents.rasa import RasaAgent
from channels.clients.http_pool import HttpPool
from channels.handlers.webhook import webhook
from channels.wiring.services import Services
from tests.servers.rasa_script import Cut, Fail, Hang, Raw, Reply, Reset, Wait
from tests.servers.rasa_server import RasaServer

ITEMS = [
    {"text": "Hey!", "buttons": [{"title": "great", "payload": "/mood_great"}]},
    {"image": "https://example.com/i.png"},
    {"custom": {"a": [1, "é"]}},
    {"text": "x" * 1_000_000},
]


def ask(url, *, stream=False, timeout=2.0):
    connections = HttpPool()
    agent = RasaAgent(url, timeout=timeout * 0.95, connections=connections)
    handler = webhook("rest", Services(lambda name: {}, lambda: agent, timeout))
    event = {
        "rawPath": "/webhooks/rest/webhook",
        "rawQueryString": "stream=true" if stream else "",
        "requestContext": {"http": {"method": "POST"}},
        "body": '{"sender": "me", "message": "hi"}',
    }
    answer = handler(event, None)
    connections.close()
    return answer["statusCode"], answer["body"]


@pytest.mark.parametrize("stream", [True, False])
def test_messages_pass_through_in_order_and_shape(stream):
    with RasaServer({"hi": ITEMS}) as server:
        status, body = ask(server.url, stream=stream)
    received = [json.loads(line) for line in body.splitlines()] if stream else json.loads(body)
    assert status == 200
    assert received == [{"recipient_id": "me", **item} for item in ITEMS]


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ([], 200, 0),
        ([ITEMS[1], Wait(0.3), ITEMS[2]], 200, 2),
        (Reply(400), 502, 0),
        (Reply(401), 502, 0),
        (Reply(404), 502, 0),
        (Reply(429), 502, 0),
        (Reply(500), 502, 0),
        (Reply(503), 502, 0),
        (Reply(302, headers={"Location": "/elsewhere"}), 502, 0),
        (Reply(504), 504, 0),
        (Reply(body=b"<html>"), 502, 0),
        ([ITEMS[1], Raw(b"{broken\n")], 502, 1),
        ([ITEMS[1], Reset()], 502, 1),
        (Cut(), 502, 0),
        ([ITEMS[1], Fail()], 504, 1),
        ([Hang()], 504, 0),
    ],
    ids=str,
)
def test_every_odd_answer_has_its_status(answer, status, said):
    with RasaServer({"hi": answer}) as server:
        code, body = ask(server.url, timeout=1.0)
        streamed_code, streamed = ask(server.url, stream=True, timeout=1.0)
    document = json.loads(body)
    lines = [json.loads(line) for line in streamed.splitlines()]
    assert code == status
    assert streamed_code == 200
    if status == 200:
        assert (len(document), len(lines)) == (said, said)
    else:
        assert len(document["messages"]) == said
        assert len(lines) == said + 1
        assert lines[-1]["error"]["status"] == status


def test_a_server_that_is_not_there_is_a_502():
    assert ask("http://127.0.0.1:9")[0] == 502
