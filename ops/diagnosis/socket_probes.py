"""Real handshakes of Socket.IO, over a WebSocket and long polling, and a request for the chat page.

They go as a client of version 4 does it: OPEN from the server, CONNECT there and back, for a chat
page Rasa's `session_request` too; then it leaves. The assistant hears nothing of it.
"""

from __future__ import annotations

import html
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from channels.messages.fields import as_object, text_of
from channels.socketio.connection import EIO4
from channels.socketio.messages import SESSION_REQUEST
from channels.socketio.packets import (
    CLOSE,
    CONNECT,
    ERROR,
    EVENT,
    MESSAGE,
    OPEN,
    PING,
    PONG,
    Packet,
    PacketError,
    connect_frame,
    decode_json,
    decode_packet,
    event_frame,
    split_frame,
)
from channels.socketio.polling_codec import decode_payload
from ops.loopback import is_loopback

#: The longest wait for a whole handshake (seconds): several functions start for it.
PATIENCE = 30.0

_SESSION_CONFIRM = "session_confirm"
_WEBSOCKET_URL = re.compile(r'data-websocket-url="([^"]*)"')


class ProbeError(Exception):
    """A probe that failed: its text goes on after an address, `status` is that of an HTTP answer.

    `refusal` is what a server said to the client's CONNECT, "" where it came not so far.
    """

    def __init__(self, text: str, status: int | None = None, refusal: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.refusal = refusal


@dataclass(frozen=True)
class Guest:
    """Who knocks: to which namespace, with which token, from which page ("" for no browser)."""

    namespace: str = "/"
    token: str | None = field(default=None, repr=False)
    origin: str = ""


def over_websocket(
    url: str, guest: Guest, *, session: bool = False, patience: float = PATIENCE
) -> None:
    """Connect to a stack's WebSocket address, and with `session` ask for one; raises ProbeError."""
    with (
        _explained(patience) as end,
        connect(
            f"{url.rstrip('/')}/?EIO={EIO4}&transport=websocket",
            origin=guest.origin or None,  # type: ignore[arg-type]  # a NewType of str
            open_timeout=patience,
            close_timeout=1,
            proxy=None if _is_here(url) else True,
        ) as socket,
    ):
        _shake_hands(_WebSocket(socket), guest, end, session=session)


def over_polling(url: str, guest: Guest, *, patience: float = PATIENCE) -> None:
    """Connect by long polling to `/socket.io/` below a stack's address; raises ProbeError."""
    with _explained(patience) as end, _session(url) as session:
        polling = _Polling(session, f"{url.rstrip('/')}/socket.io/")
        _shake_hands(polling, guest, end, session=False)
        polling.say(CLOSE, _left(end))


def socket_of_page(url: str, *, patience: float = PATIENCE) -> str:
    """Ask for the chat page; gives the WebSocket address in it. Raises ProbeError."""
    with _explained(patience), _session(url) as session:
        answer = session.get(url, timeout=patience)
    _check(answer)
    found = _WEBSOCKET_URL.search(answer.text)
    if found is None or not found[1]:
        raise ProbeError("is no chat page that knows a socket", answer.status_code)
    return html.unescape(found[1])


def origin_of(url: str) -> str:
    """What a browser says of a page in the header `Origin`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class _Line(Protocol):
    """A transport: frames out and in, each within so many seconds."""

    def say(self, frame: str, timeout: float) -> None: ...

    def hear(self, timeout: float) -> str: ...


class _WebSocket:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def say(self, frame: str, timeout: float) -> None:
        self._socket.send(frame)

    def hear(self, timeout: float) -> str:
        return str(self._socket.recv(timeout=timeout))


class _Polling:
    def __init__(self, session: requests.Session, url: str) -> None:
        self._session = session
        self._url = url
        self._query = {"EIO": EIO4, "transport": "polling"}
        self._frames: list[str] = []

    def say(self, frame: str, timeout: float) -> None:
        data = frame.encode()
        _check(self._session.post(self._url, params=self._query, data=data, timeout=timeout))

    def hear(self, timeout: float) -> str:
        if not self._frames:
            answer = self._session.get(self._url, params=self._query, timeout=timeout)
            _check(answer)
            self._frames = decode_payload(answer.content, EIO4)
        frame = self._frames.pop(0)
        if frame.startswith(OPEN):
            self._query["sid"] = text_of(as_object(decode_json(frame[1:])), "sid")
        return frame


def _shake_hands(line: _Line, guest: Guest, end: float, *, session: bool) -> None:
    kind, _ = split_frame(line.hear(_left(end)))
    if kind != OPEN:
        raise PacketError("the first frame is not OPEN")
    data = {"token": guest.token} if guest.token is not None else None
    line.say(connect_frame(guest.namespace, data), _left(end))
    packet = _packet(line, end)
    if packet.type == ERROR:
        said = text_of(as_object(packet.data), "message") or "no reason"
        raise ProbeError(f"lets no client in: {said}", refusal=said)
    if packet.type != CONNECT:
        raise PacketError("CONNECT is not answered by CONNECT")
    if session:
        asked: Any = {"session_id": uuid.uuid4().hex}
        line.say(event_frame(guest.namespace, SESSION_REQUEST, asked), _left(end))
        packet = _packet(line, end)
        if packet.type != EVENT or packet.data[0] != _SESSION_CONFIRM:
            raise PacketError(f"{SESSION_REQUEST} is not answered by {_SESSION_CONFIRM}")


def _packet(line: _Line, end: float) -> Packet:
    """The next Socket.IO packet; pings on the way are answered."""
    while True:
        kind, data = split_frame(line.hear(_left(end)))
        if kind == MESSAGE:
            return decode_packet(data)
        if kind == PING:
            line.say(PONG, _left(end))


def _left(end: float) -> float:
    if (left := end - time.monotonic()) <= 0:
        raise TimeoutError
    return left


def _check(answer: requests.Response) -> None:
    if answer.status_code != 200:
        raise ProbeError(f"answers {answer.status_code}", answer.status_code)


@contextmanager
def _explained(patience: float) -> Iterator[float]:
    """Turn what libraries raise into ProbeError; gives the time at which patience ends.

    The libraries' own texts may hold a proxy's password.
    """
    end = time.monotonic() + patience
    try:
        yield end
    except InvalidStatus as error:
        status = error.response.status_code
        raise ProbeError(f"answers {status}", status) from error
    except PacketError as error:
        raise ProbeError(f"does not speak Socket.IO: {error}") from error
    except ConnectionClosed as error:
        raise ProbeError("ends the connection") from error
    except (InvalidHandshake, OSError) as error:  # those of requests are OSErrors
        if isinstance(error, TimeoutError) or time.monotonic() >= end:
            raise ProbeError(f"does not answer within {patience:g} s") from error
        raise ProbeError(f"cannot be reached: {type(error).__name__}") from error


def _session(url: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = not _is_here(url)
    return session


def _is_here(url: str) -> bool:
    """Whether an address is this machine's, to which no proxy for the internet leads."""
    return is_loopback(urlsplit(url).hostname or "")
