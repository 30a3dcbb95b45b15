"""A long-polling client in requests, beside the WebSockets of `surroundings`."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from channels.handlers.sockets.long_polling import PollingHandler
from channels.socketio.polling_codec import decode_payload, encode_payload
from tests.unit.socketio.surroundings import Surroundings


class Checks:
    """Notes what is looked at later."""

    def __init__(self) -> None:
        self.wanted: list[tuple[str, str]] = []

    def later(self, connection_id: str, check: str) -> None:
        self.wanted.append((connection_id, check))


class Door:
    """The long-polling function; while it waits, `meanwhile` happens, one thing a pause."""

    def __init__(self, here: Surroundings) -> None:
        self.here = here
        self.checks = Checks()
        self.meanwhile: list[Callable[[], Any]] = []
        self.pauses: list[float] = []
        self._numbers = iter(range(10_000))
        checks: Any = self.checks
        self._handler = PollingHandler(
            lambda: here.channel,
            here.rooms,
            here._default,
            checks,
            clock=lambda: here.now,
            sleep=self._sleep,
            random=lambda: f"{next(self._numbers):032x}",
        )

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.here.now += seconds
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def ask(
        self,
        method: str,
        query: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        path: str = "/socket.io/",
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and body of an answer."""
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers or {},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
            "requestContext": {"http": {"method": method, "path": path}, "requestId": "r"},
        }
        answer = self._handler(event, None)
        return answer["statusCode"], answer["headers"], answer["body"]


class Poller:
    """One client of an Engine.IO version; it has its OPEN."""

    def __init__(self, door: Door, version: str = "4", query: str = "") -> None:
        self.door = door
        self.version = version
        status, _, body = door.ask("GET", f"EIO={version}&transport=polling{query}")
        assert status == 200, body
        opening, *self.first = decode_payload(body.encode(), version)
        assert opening[0] == "0"
        self.handshake = json.loads(opening[1:])
        self.sid = self.handshake["sid"]
        self.id = self.sid.rpartition(".")[0]

    @property
    def query(self) -> str:
        return f"EIO={self.version}&transport=polling&sid={self.sid}"

    def post(self, *frames: str) -> int:
        """The status of a POST of frames."""
        body = encode_payload(list(frames), self.version).encode()
        return self.door.ask("POST", self.query, body)[0]

    def get(self) -> list[str]:
        """The frames of a poll."""
        status, _, body = self.door.ask("GET", self.query)
        assert status == 200, body
        return decode_payload(body.encode(), self.version)

    def status(self) -> tuple[int, Any]:
        """Status and error of a poll."""
        status, _, body = self.door.ask("GET", self.query)
        return status, json.loads(body)

    def talk(self, *frames: str) -> list[str]:
        """Frames sent, and what is heard at once."""
        assert self.post(*frames) == 200
        return self.get()

    def open_socket(self, name: str) -> int:
        """The status of the handshake of its WebSocket."""
        query = {"EIO": self.version, "transport": "websocket", "sid": self.sid}
        return self.door.here.connect(name, query)

    def join(self, session: str) -> list[str]:
        """Connect and ask for a session."""
        request = f'42["session_request",{{"session_id":"{session}"}}]'
        return self.talk(*(["40", request] if self.version == "4" else [request]))
