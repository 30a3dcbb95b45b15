"""Scripts for the stand-in Rasa server: the steps of a turn, and responses that are not turns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, Any]


@dataclass(frozen=True)
class Wait:
    """The bot thinks for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Fail:
    """The bot raises an exception."""


@dataclass(frozen=True)
class Raw:
    """Bytes on the wire: one chunk of a stream, or everything in place of a response."""

    data: bytes


@dataclass(frozen=True)
class Cut:
    """The connection is closed, without the end of the response."""


@dataclass(frozen=True)
class Reset:
    """The connection is reset (RST)."""


@dataclass(frozen=True)
class Hang:
    """Nothing more is sent until the server stops."""


Step = Item | Wait | Fail | Raw | Cut | Reset | Hang


@dataclass(frozen=True)
class Reply:
    """A response that is not a turn of the bot: that of a proxy, of a broken server, ...

    A `body` of bytes is sent with its length, a `body` of steps in chunks.
    """

    status: int = 200
    body: bytes | Iterable[Step] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Iterable[Step] | Reply | Raw | Cut | Reset | Hang


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it arrived; header names are lower case, `json` is None if it is not JSON."""

    method: str
    path: str
    args: dict[str, str]
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """The user's text, stripped as by Rasa's UserMessage."""
        return str(self.json.get("message") or "").strip()


Script = Mapping[str, Answer] | Callable[[ReceivedRequest], Answer]
