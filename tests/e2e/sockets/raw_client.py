"""A Socket.IO 4 client in frames, for what libraries hide."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

from ops.stack.stack_file import StackFile

PATIENCE = 60.0  # seconds


class Raw:
    """One connection; closed with the `exits` that it was opened in."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    @classmethod
    def open(cls, exits: ExitStack, stack: StackFile, **options: Any) -> Self:
        url = f"{stack.websocket_url}/?EIO=4&transport=websocket"
        raw = cls(exits.enter_context(connect(url, open_timeout=PATIENCE, **options)))
        assert raw.hear().startswith("0")
        raw.say("40")
        assert raw.hear().startswith("40")
        return raw

    def say(self, frame: str | bytes) -> None:
        self.socket.send(frame)

    def emit(self, *event: Any) -> None:
        self.say("42" + json.dumps(event))

    def hear(self, timeout: float = PATIENCE) -> str:
        return str(self.socket.recv(timeout=timeout))

    def event(self, timeout: float = PATIENCE) -> Any:
        """The next event; pings on the way are answered. Raises TimeoutError."""
        while (frame := self.hear(timeout)) == "2":
            self.say("3")
        assert frame.startswith("42"), frame
        return json.loads(frame[2:])

    def join(self, session: str) -> None:
        self.emit("session_request", {"session_id": session})
        assert self.event() == ["session_confirm", session]
