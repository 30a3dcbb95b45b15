"""Handshakes with a real Socket.IO server (python-socketio), and with servers that are none."""

import socket
from contextlib import contextmanager
from threading import Thread

import pytest
from websockets.sync.server import serve

from channels.handlers.webchat import Webchat
from channels.wiring.settings import Settings
from ops import ROOT
from ops.diagnosis.socket_probes import (
    Guest,
    ProbeError,
    origin_of,
    over_polling,
    over_websocket,
    socket_of_page,
)
from tests.browser.socket_server import REFUSED_TOKEN, socket_server
from tests.browser.web_server import PREFIX, lambda_answers, web_server
from tests.servers.recording_server import recording_server

SOON = 2.0  # seconds; for servers that never answer


@pytest.fixture(scope="module")
def websocket_url():
    with socket_server() as url:
        yield url


@pytest.fixture(scope="module")
def polling_url(websocket_url):
    return websocket_url.replace("ws://", "http://").removesuffix("/socket.io")


@pytest.fixture(params=["a WebSocket", "long polling"])
def handshake(request, websocket_url, polling_url):
    """A handshake with the server, over either transport."""
    if request.param == "a WebSocket":
        return lambda guest: over_websocket(websocket_url, guest, session=True)
    return lambda guest: over_polling(polling_url, guest)


@contextmanager
def speaking(*frames, refuse=None):
    """A WebSocket server that says these frames to everybody, whatever it hears, and hangs up."""

    def speak(connection):
        for frame in frames:
            if frame is not None:
                connection.send(frame)
                continue
            for _ in connection:
                pass  # says nothing more, and listens until the client goes

    def process_request(connection, request):
        return connection.respond(refuse, "") if refuse else None

    with serve(speak, "127.0.0.1", 0, process_request=process_request) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/prod"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("guest", [Guest(), Guest(token="a-token"), Guest(origin="http://a.test")])
def test_a_client_is_let_in(handshake, guest):
    handshake(guest)


def test_a_refusal_is_told_in_the_servers_words(handshake):
    with pytest.raises(ProbeError, match="lets no client in: Authentication error") as raised:
        handshake(Guest(token=REFUSED_TOKEN))
    assert raised.value.refusal == "Authentication error"
    with pytest.raises(ProbeError, match="lets no client in") as raised:
        handshake(Guest(namespace="/rasa"))
    assert raised.value.refusal


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_status_is_told(status):
    with speaking(refuse=status) as url, pytest.raises(ProbeError) as raised:
        over_websocket(url, Guest())
    assert (str(raised.value), raised.value.status) == (f"answers {status}", status)
    with (
        recording_server(lambda request: (status, b'{"code": 4}', {})) as server,
        pytest.raises(ProbeError) as raised,
    ):
        over_polling(server.url, Guest())
    assert (str(raised.value), raised.value.status) == (f"answers {status}", status)


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        (("hello",), "does not speak Socket.IO"),
        (("40",), "does not speak Socket.IO: the first frame is not OPEN"),
        (("0{}", "41", None), "does not speak Socket.IO: CONNECT is not answered"),
        (("0{}", "40", '42["other"]', None), "session_request is not answered"),
        (("0{}",), "ends the connection"),
        ((None,), "does not answer within 2 s"),
        (("0{}", None), "does not answer within 2 s"),
        (("0{}", "2", "2", "40", None), "does not answer within 2 s"),
    ],
)
def test_another_server_is_told_from_one_of_socket_io(frames, told):
    with speaking(*frames) as url, pytest.raises(ProbeError, match=told):
        over_websocket(url, Guest(), session=True, patience=SOON if "within" in told else 30)


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"hello", "does not speak Socket.IO"), (b"", "does not speak Socket.IO: an empty payload")],
)
def test_another_server_is_told_from_one_of_long_polling(body, told):
    with (
        recording_server(lambda request: (200, body, {})) as server,
        pytest.raises(ProbeError, match=told),
    ):
        over_polling(server.url, Guest())


def test_a_poll_that_brings_nothing_is_made_again_until_it_is_too_late():
    answers = iter([b'0{"sid":"s"}', b"ok"])
    with (
        recording_server(lambda request: (200, next(answers, b"6"), {})) as server,
        pytest.raises(ProbeError, match=r"does not answer within 2 s"),
    ):
        over_polling(server.url, Guest(), patience=SOON)
    assert all("sid=s" in each.path for each in server.requests[1:])
    assert len(server.requests) > 3


def test_where_nobody_listens():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(ProbeError, match="cannot be reached: ConnectionRefusedError"):
            over_websocket(f"ws://{address}", Guest())
        with pytest.raises(ProbeError, match="cannot be reached: ConnectionError"):
            over_polling(f"http://{address}", Guest())
        with pytest.raises(ProbeError, match="cannot be reached: ConnectionError"):
            socket_of_page(f"http://{address}/webchat")


def test_a_proxy_for_the_internet_does_not_lead_to_this_machine(monkeypatch, handshake):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    handshake(Guest())


def test_the_page_names_its_socket():
    static = ROOT / "functions" / "webchat" / "static"
    given = "wss://a.test/prod?a=1&b=2"
    page = lambda_answers(Webchat(static, Settings({"WEBSOCKET_URL": given})))
    with web_server(page) as url:
        assert socket_of_page(f"{url}{PREFIX}/webchat") == given
    alone = lambda_answers(Webchat(static, Settings({})))
    with (
        web_server(alone) as url,
        pytest.raises(ProbeError, match="is no chat page that knows a socket"),
    ):
        socket_of_page(f"{url}/webchat")
    with (
        recording_server(lambda request: (404, b"", {})) as server,
        pytest.raises(ProbeError, match="answers 404"),
    ):
        socket_of_page(f"{server.url}/webchat")


def test_the_origin_of_a_page():
    assert origin_of("http://127.0.0.1:4566/_aws/webchat?a=b") == "http://127.0.0.1:4566"


def test_a_token_is_not_shown():
    assert "s3cret" not in repr(Guest(token="s3cret"))
