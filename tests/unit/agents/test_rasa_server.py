"""The stand-in server does what Rasa's REST channel was seen to do, its defects included."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.servers.rasa_server import Fail, RasaServer, Wait, mood_bot

SCRIPT: dict[str, Any] = {
    "hi": [{"text": "a/b"}, {"image": "https://example.com"}],
    "fail": [{"text": "before"}, Fail(), {"text": "after"}],
}


@pytest.fixture
def server() -> Iterator[RasaServer]:
    with RasaServer(SCRIPT) as server:
        yield server


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=20) as http:
        yield http


def post(
    http: urllib3.PoolManager,
    server: RasaServer,
    body: Any,
    query: str = "",
    content_type: str = "application/json",
) -> urllib3.BaseHTTPResponse:
    return http.request(
        "POST",
        f"{server.url}/webhooks/rest/webhook{query}",
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Content-Type": content_type},
    )


def test_the_answer_is_an_array_with_escaped_slashes(
    server: RasaServer, http: urllib3.PoolManager
) -> None:
    response = post(http, server, {"sender": "me", "message": " hi\n"})
    assert response.headers["Content-Type"] == "application/json"
    assert response.data == (
        b'[{"recipient_id":"me","text":"a\\/b"},'
        b'{"recipient_id":"me","image":"https:\\/\\/example.com"}]'
    )


@pytest.mark.parametrize("query", ["?stream=true", "?stream=TRUE&token=x"])
def test_a_stream_is_a_chunk_of_one_line_a_message(
    server: RasaServer, http: urllib3.PoolManager, query: str
) -> None:
    response = post(http, server, {"message": "hi"}, query)
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.data == (
        b'{"recipient_id": "default", "text": "a/b"}\n'
        b'{"recipient_id": "default", "image": "https://example.com"}\n'
    )


@pytest.mark.parametrize("query", ["?stream=1", "?stream=yes", "?stream=false"])
def test_only_true_means_a_stream(
    server: RasaServer, http: urllib3.PoolManager, query: str
) -> None:
    assert post(http, server, {"message": "hi"}, query).data.startswith(b"[")


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        (b"{not json", 400, "Failed when parsing body as json"),
        (b"message=hi", 400, "Failed when parsing body as json"),
        (b"", 500, "Internal Server Error"),
        (b"[]", 500, "Internal Server Error"),
        (b"5", 500, "Internal Server Error"),
        ({"message": 5}, 200, "[]"),
        ({"sender": "me"}, 200, "[]"),
        ({"message": "unknown to the script"}, 200, "[]"),
        ({"sender": 7, "message": "fail"}, 200, '[{"recipient_id":"7","text":"before"}]'),
    ],
)
def test_odd_input_has_rasas_outcome(
    server: RasaServer, http: urllib3.PoolManager, body: Any, status: int, answer: str
) -> None:
    response = post(http, server, body)
    assert response.status == status
    assert answer in response.data.decode()


def test_errors_are_pages_for_requests_that_are_not_json(
    server: RasaServer, http: urllib3.PoolManager
) -> None:
    response = post(http, server, b"a=b", content_type="application/x-www-form-urlencoded")
    assert response.status == 400
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_stream_in_which_the_bot_raises_never_ends(
    server: RasaServer, http: urllib3.PoolManager
) -> None:
    response = http.request(
        "POST",
        f"{server.url}/webhooks/rest/webhook?stream=true",
        body=b'{"message": "fail"}',
        preload_content=False,
        timeout=0.3,
    )
    assert response.read1(1000) == b'{"recipient_id": "default", "text": "before"}\n'
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        response.read1(1000)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/webhooks/rest", 200),
        ("GET", "/webhooks/rest/", 200),
        ("POST", "/webhooks/rest/webhook/", 200),
        ("GET", "/webhooks/rest/webhook", 405),
        ("POST", "/webhooks/rest", 405),
        ("POST", "/webhooks/slack/webhook", 404),
    ],
)
def test_routes(
    server: RasaServer, http: urllib3.PoolManager, method: str, path: str, status: int
) -> None:
    body = b'{"message": "hi"}' if method == "POST" else None
    assert http.request(method, server.url + path, body=body).status == status
    assert http.request("GET", f"{server.url}/webhooks/rest").data == b'{"status":"ok"}'
    assert server.connections == 1


def test_requests_are_recorded(server: RasaServer, http: urllib3.PoolManager) -> None:
    post(http, server, {"message": " hi "}, "?token=t")
    (request,) = server.requests
    assert (request.text, request.args, request.connection) == ("hi", {"token": "t"}, 1)
    assert request.headers["content-type"] == "application/json"


def test_a_server_that_stops_does_not_wait_for_its_bot(http: urllib3.PoolManager) -> None:
    with RasaServer({"hi": [{"text": "a"}, Wait(600)]}) as server:
        response = http.request(
            "POST",
            f"{server.url}/webhooks/rest/webhook?stream=true",
            body=b'{"message": "hi"}',
            preload_content=False,
        )
        assert b'"text": "a"' in response.read1(1000)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        response.read1(1000)


def test_the_mood_bot_leads_through_every_answer(http: urllib3.PoolManager) -> None:
    with RasaServer(mood_bot) as server:
        greeting = post(http, server, {"message": "hi"}).json()
        payloads = [button["payload"] for button in greeting[-1]["buttons"]]
        assert payloads == ["/mood_great", "/mood_unhappy"]
        for payload in payloads:
            assert post(http, server, {"message": payload}).json() != greeting


def test_it_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "tests.servers.rasa_server", "--help"]
    shown = subprocess.run(  # noqa: S603 - this interpreter, a fixed program
        command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True
    ).stdout
    assert "--port" in shown
