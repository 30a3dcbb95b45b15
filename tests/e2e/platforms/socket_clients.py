"""What Socket.IO clients do, over WebSockets, long polling, and from one to the other.

Each thing is done that makes a function call AWS in another way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests
from websockets.sync.client import ClientConnection, connect

from channels.socketio.polling_codec import decode_payload, encode_payload
from tests.e2e.platforms.recorded_stack import PATIENCE, RecordedStack

_CONFIRMED = '42["session_confirm"'

#: Asks for a confirmation of the session, which is an answer of its own.
_ASK = '42["session_request",{"session_id":"two"}]'


def use_sockets(stack: RecordedStack) -> None:
    """Clients that leave in both ways, and what those leave behind that were never seen again."""
    stack.pretend(pk="ROOM#one", sk="CONN#lost", eio="4", nsp="/")
    with _joined(stack) as (socket, about):
        socket.send('42["user_uttered",{"message":"bye","session_id":"one"}]')
        _hear(socket, "Bye")
        _hear(socket, "2")
        socket.send("3")
        stack.check(about["connection"], "keep")
        stack.wait_for("SocketKeepaliveFunction", "sqs:SendMessage")
        socket.send("41")
        stack.wait_for("SocketDefaultFunction", "dynamodb:DeleteItem", "ROOM#")
    with _joined(stack, pid=about["pid"]):
        pass  # gone without a word
    with _joined(stack) as (socket, about):
        stack.forget(about["connection"])
        socket.send("42")
        stack.wait_for("SocketDefaultFunction", "dynamodb:DeleteItem", "CONN#")
    stack.wait_for("ConversationFunction", "dynamodb:DeleteItem", "ROOM#")
    stack.wait_for("SocketDisconnectFunction", "dynamodb:DeleteItem", "ROOM#")
    stack.pretend(pk="CONN#silent", sk="META", eio="4", session="one")
    stack.check("silent", "connected")
    stack.pretend(pk="CONN#never", sk="META", eio="4", session="one")
    stack.open("never")
    stack.wait_for("SocketKeepaliveFunction", "dynamodb:DeleteItem", "ROOM#")
    stack.wait_for("SocketOpenerFunction", "dynamodb:DeleteItem", "ROOM#")


@contextmanager
def _joined(
    stack: RecordedStack, **recovered: str
) -> Iterator[tuple[ClientConnection, dict[str, str]]]:
    """A Socket.IO client in the session "one", its connection's id and its `pid`."""
    url = f"{stack.found.websocket_url}/?EIO=4&transport=websocket"
    with connect(url, open_timeout=PATIENCE) as socket:
        opened = json.loads(_hear(socket, "0{")[1:])
        socket.send("40" + json.dumps({"recovery": True, **recovered}))
        connected = json.loads(_hear(socket, "40{")[2:])
        socket.send('42["session_request",{"session_id":"one"}]')
        _hear(socket, "session_confirm")
        yield socket, {"connection": opened["sid"], "pid": connected["pid"]}


def _hear(socket: ClientConnection, word: str) -> str:
    """Wait for a frame with a word in it; the pings on the way are answered."""
    while word not in (frame := str(socket.recv(timeout=PATIENCE))):
        if frame == "2":
            socket.send("3")
    return frame


class PollingClient:
    """A Socket.IO client over long polling in the session "two"."""

    def __init__(self, http_url: str, **recovered: str) -> None:
        self._url = f"{http_url}/socket.io"
        self._query = {"EIO": "4", "transport": "polling"}
        self._frames: list[str] = []
        self.sid = self._query["sid"] = json.loads(self.hear("0{")[1:])["sid"]
        self.connection_id = self.sid.rpartition(".")[0]
        self.post("40" + json.dumps({"recovery": True, **recovered}))
        self.pid = json.loads(self.hear("40{")[2:])["pid"]
        self.post(_ASK)
        self.hear(_CONFIRMED)

    def post(self, *frames: str) -> None:
        body = encode_payload(list(frames), "4").encode()
        answer = requests.post(self._url, params=self._query, data=body, timeout=PATIENCE)
        assert answer.text == "ok"

    def hear(self, beginning: str) -> str:
        """Poll for a frame that begins so; those before it are dropped."""
        while True:
            while self._frames:
                if (frame := self._frames.pop(0)).startswith(beginning):
                    return frame
            answer = requests.get(self._url, params=self._query, timeout=PATIENCE)
            assert answer.status_code == 200, answer.text
            self._frames = decode_payload(answer.content, "4")


def use_polling(stack: RecordedStack) -> None:
    """One client that moves to a WebSocket, one that does not, and one that is gone."""
    client = PollingClient(stack.found.http_url)
    client.post('42["user_uttered",{"message":"bye","session_id":"two"}]')
    client.hear('42["bot_uttered",{"text":"Bye"}')
    client.hear("2")
    client.post("3")
    stack.wait_for("SocketPollingFunction", "dynamodb:UpdateItem", "ROOM#")
    stack.check(client.connection_id, "keep")
    client.hear("2")
    _upgrade(stack, client)
    _close(stack, PollingClient(stack.found.http_url, pid=client.pid))
    stack.pretend(pk="CONN#eio.gone", sk="META", eio="4", nsp="/")
    stack.check("eio.gone", "keep")
    stack.wait_for("SocketKeepaliveFunction", "dynamodb:DeleteItem", "EIO#")


def _upgrade(stack: RecordedStack, client: PollingClient) -> None:
    """Move to a WebSocket while a long request is answered: the rest is heard there."""
    with ThreadPoolExecutor(1) as pool, _socket_of(stack, client) as socket:
        socket.send("2probe")
        _hear(socket, "3probe")
        asked = pool.submit(client.post, *[_ASK] * 60)
        client.hear(_CONFIRMED)
        socket.send("5")
        asked.result()
        stack.wait_for("SocketPollingFunction", "execute-api:ManageConnections")
        socket.send(_ASK)
        stack.wait_for("SocketDefaultFunction", "dynamodb:GetItem", "EIO#")
        stack.forget(client.connection_id)
        socket.send(_ASK)
        stack.wait_for("SocketDefaultFunction", "dynamodb:DeleteItem", "EIO#")


def _close(stack: RecordedStack, client: PollingClient) -> None:
    """Try a WebSocket and lose it, leave the session, and say goodbye."""
    with _socket_of(stack, client):
        pass
    stack.wait_for("SocketDisconnectFunction", "dynamodb:DeleteItem", "EIO#")
    client.post("41")
    stack.wait_for("SocketPollingFunction", "dynamodb:DeleteItem", "ROOM#")
    client.post("1")
    stack.wait_for("SocketPollingFunction", "dynamodb:DeleteItem", "EIO#")


def _socket_of(stack: RecordedStack, client: PollingClient) -> ClientConnection:
    """The WebSocket that a long-polling client moves to."""
    url = f"{stack.found.websocket_url}/?EIO=4&transport=websocket&sid={client.sid}"
    return connect(url, open_timeout=PATIENCE)
