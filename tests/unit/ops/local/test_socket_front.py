"""The local front of both APIs, between a client and two servers."""

import threading
from contextlib import contextmanager

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import serve

from ops.local import front_process
from tests.servers.recording_server import recording_server

PATIENCE = 30.0


@contextmanager
def websocket_server():
    """Says back what it hears, `bye` closes; refuses where the query says so."""
    paths = []

    def refuse(connection, request):
        paths.append(request.path)
        return connection.respond(403, "") if "refused" in request.path else None

    def echo(connection):
        for message in connection:
            if message == "bye":
                return
            connection.send(f"{connection.request.headers.get('origin')} {message}")

    with serve(echo, "127.0.0.1", 0, process_request=refuse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/prod", paths
        server.shutdown()
        thread.join()


def answer(request):
    if request.path.endswith("/moved"):
        return 302, b"", {"location": "/elsewhere"}
    return 200, request.method.encode() + b" " + request.body, {"x-mine": "1"}


@pytest.fixture(scope="module")
def behind():
    with recording_server(answer) as http, websocket_server() as (websocket_url, paths):
        yield http, websocket_url, paths


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("front")
    (made / "tmp").mkdir()
    return made


@pytest.fixture(scope="module")
def front(behind, folder):
    http, websocket_url, _ = behind
    port = front_process._free_port(0)
    try:
        yield front_process.launch(folder, port, f"{http.url}/_aws/api", websocket_url)
    finally:
        front_process.shut_down(folder)


def test_requests_go_to_the_http_api_as_they_are(front, behind):
    http, _, _ = behind
    target = "/socket.io/?EIO=4&transport=polling&token=a%2Bb%20c"
    answer = requests.post(
        front + target, data=b"2\x1e3", headers={"Origin": "x"}, timeout=PATIENCE
    )
    assert (answer.status_code, answer.content) == (200, b"POST 2\x1e3")
    assert answer.headers["x-mine"] == "1"
    last = http.requests[-1]
    assert last.path == f"/_aws/api{target}"
    assert last.headers["origin"] == "x"
    assert last.headers["host"] in http.url


def test_redirections_are_the_client_s(front):
    moved = requests.get(f"{front}/moved", allow_redirects=False, timeout=PATIENCE)
    assert (moved.status_code, moved.headers["location"]) == (302, "/elsewhere")


def test_sockets_go_to_the_websocket_api(front, behind):
    url = front.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket&sid=a.b"
    with connect(url, origin="https://a.example", open_timeout=PATIENCE) as socket:
        socket.send("2probe")
        assert socket.recv(timeout=PATIENCE) == "https://a.example 2probe"
        socket.send("bye")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=PATIENCE)
    assert behind[2][-1] == "/prod/?EIO=4&transport=websocket&sid=a.b"


def test_a_refusal_is_passed_on(front):
    url = front.replace("http", "ws") + "/socket.io/?transport=websocket&refused"
    with pytest.raises(InvalidStatus) as refused, connect(url, open_timeout=PATIENCE):
        pass
    assert refused.value.response.status_code == 403


def test_launched_again_it_is_kept_and_with_other_addresses_another(behind, tmp_path):
    (tmp_path / "tmp").mkdir()
    _, websocket_url, _ = behind
    try:
        first = front_process.launch(tmp_path, 65_000, "http://127.0.0.1:8", websocket_url)
        assert front_process.launch(tmp_path, 1, "http://127.0.0.1:8", websocket_url) == first
        other = front_process.launch(tmp_path, 65_000, "http://127.0.0.1:9", websocket_url)
        assert other != first
        assert requests.get(other, timeout=PATIENCE).status_code == 502
    finally:
        front_process.shut_down(tmp_path)
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".json"] == []
    with pytest.raises(requests.ConnectionError):
        requests.get(other, timeout=PATIENCE)
