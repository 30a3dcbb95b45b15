"""What `ops up` tells at its end."""

import io
import json

import pytest
from rich.console import Console

from channels.handlers.webchat import Webchat
from channels.wiring.settings import Settings
from ops import ROOT
from ops.local import announcement
from ops.output import Output
from ops.stack.stack_file import StackFile
from tests.browser.socket_server import socket_server
from tests.browser.web_server import lambda_answers, web_server
from tests.servers.recording_server import recording_server

STATIC = ROOT / "functions" / "webchat" / "static"
SAFE = {"rest": {}, "socketio": {"session_persistence": True}}


def stack_of(http_url, websocket_url, socketio_url):
    page = f"{http_url}/webchat"
    return StackFile(http_url, websocket_url, socketio_url, http_url, "chat", page, {})


@pytest.fixture(scope="module")
def found():
    """A stack whose sockets let everybody in."""
    with (
        socket_server() as url,
        web_server(lambda_answers(Webchat(STATIC, Settings({"WEBSOCKET_URL": url})))) as http_url,
    ):
        yield stack_of(http_url, url, url.replace("ws", "http", 1).removesuffix("/socket.io"))


def told(found, sections):
    text = io.StringIO()
    announcement.show(found, sections, Output(console=Console(file=text, width=500)))
    return text.getvalue().splitlines()


def test_what_answers_is_announced(found):
    lines = told(found, SAFE)
    assert f"Web chat  {found.webchat_url}" in lines
    assert f"sockets   {found.websocket_url}" in lines
    assert any(line.startswith(f"Socket.IO {found.socketio_url}") for line in lines)
    assert any(line.startswith("Try: curl -XPOST") and "Bearer" not in line for line in lines)
    assert "Talk to it: make shell." in lines
    assert not any("warning" in line or "Tunnel" in line for line in lines)


def test_a_token_that_is_wanted_is_told_of_and_not_shown(found):
    lines = told(found, {**SAFE, "rest": {"token": "s3cret-of-the-rest-channel"}})
    assert any("-H 'Authorization: Bearer <token>'" in line for line in lines)
    assert not any("s3cret" in line for line in lines)
    key = "a key of the tests that has 32 bytes"
    lines = told(found, {**SAFE, "socketio": {**SAFE["socketio"], "jwt_key": key}})
    assert f"Web chat  {found.webchat_url}#token=<a JWT for jwt_key>" in lines
    assert not any(key in line for line in lines)


def test_channels_without_credentials_are_off(found):
    lines = told(found, {"slack": {"slack_token": "xoxb-made-up"}})
    shown = [line for line in lines if not line.startswith("warning")]
    assert not any(found.webchat_url in line for line in shown)
    assert not any(str(found.websocket_url) in line for line in shown)
    assert not any("/webhooks/rest" in line or "make shell" in line for line in shown)
    assert f"Tunnel    {found.socketio_url} (a tunnel leads there)" in shown
    rest, sockets = (line for line in lines if line.startswith("warning"))
    assert "Add `rest:` to the credentials file" in rest
    assert "sockets and the chat page are off" in sockets
    assert "Add `socketio: {session_persistence: true}`" in sockets


def test_addresses_that_do_not_answer_are_not_announced():
    with recording_server(lambda request: (403, b"", {})) as server:
        found = stack_of(server.url, server.url.replace("http", "ws", 1), server.url)
        lines = told(found, SAFE)
    warnings = [line for line in lines if line.startswith("warning")]
    assert len(warnings) == 3
    assert all("answers 403. Functions read credentials" in line for line in warnings)
    assert not any(line.startswith(("Web chat", "sockets", "Socket.IO")) for line in lines)


def test_scripts_get_the_stack_and_nothing_else(found, capsys):
    announcement.show(found, {}, Output(as_json=True))
    assert StackFile(**json.loads(capsys.readouterr().out)) == found
