"""The sockets and the chat page: whether clients are let in, by real handshakes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jwt

from channels.errors import CredentialsError
from channels.socketio.input import SocketIOInput
from ops.diagnosis.socket_probes import (
    Guest,
    ProbeError,
    origin_of,
    over_polling,
    over_websocket,
    socket_of_page,
)
from ops.findings import Findings
from ops.settings import LocalSettings
from ops.stack.aws import Stack
from ops.stack.site import Site
from ops.stack.stack_file import StackFile

CHANNEL = "socketio"

_OFF = (
    "sockets and the chat page are off: the stack has no credentials of 'socketio', so that "
    "clients are refused and the page waits for ever"
)
_ADD = (
    "Add `socketio: {session_persistence: true}` to the credentials file, then: "
    "python -m ops credentials push FILE"
)
_AGAIN = (
    "Functions read credentials anew within 5 minutes; if it stays so, push them again: "
    "python -m ops credentials push FILE"
)
_PAGE = "It wants Rasa's event names and no namespace (docs/channels/webchat.md)."
_PERSISTENCE = "Set `session_persistence: true` and push it (docs/channels/webchat.md)."

#: How long the token of a handshake is good for (seconds).
_TOKEN_AGE = 300


@dataclass(frozen=True)
class SocketAddresses:
    """Where a stack's sockets are; None for what it does not have.

    `polling_url` is what stands before `/socket.io/`.
    """

    websocket_url: str | None
    polling_url: str | None
    page_url: str | None

    @classmethod
    def of_local(cls, found: StackFile) -> SocketAddresses:
        """Those of the local stack."""
        return cls(found.websocket_url, found.socketio_url, found.webchat_url)

    @classmethod
    def of(cls, stack: Stack, site: Site) -> SocketAddresses:
        """Those of a stack; on AWS its outputs tell them."""
        if stack.is_local:
            found = StackFile.read(LocalSettings.from_environment().local_dir)
            return cls.of_local(found) if found else cls(None, None, None)
        client = stack.session.client("cloudformation")
        [description] = client.describe_stacks(StackName=stack.name)["Stacks"]
        outputs = {
            each["OutputKey"]: each["OutputValue"] for each in description.get("Outputs", [])
        }
        return cls(outputs.get("WebSocketUrl"), site.own_url, outputs.get("WebchatUrl"))


class Answers(NamedTuple):
    """Which addresses let clients in, and whether they want a token."""

    websocket: bool = False
    polling: bool = False
    page: bool = False
    token: bool = False


def examine_sockets(
    addresses: SocketAddresses, section: dict[str, Any] | None, findings: Findings
) -> Answers:
    """Shake hands at each address; `section` is the channel's on the stack, None without one."""
    if section is None:
        findings.warn(_OFF, _ADD)
        return Answers()
    try:
        visitor = _Visitor(section, findings)
    except CredentialsError as error:
        findings.error(str(error), "Correct it, then: python -m ops credentials push FILE")
        return Answers()
    return Answers(
        visitor.over_websocket(addresses.websocket_url),
        visitor.over_polling(addresses.polling_url),
        visitor.on_page(addresses.page_url),
        visitor.wants_token,
    )


class _Visitor:
    """A client that comes with what the channel's section asks for."""

    def __init__(self, section: dict[str, Any], findings: Findings) -> None:
        SocketIOInput.check_credentials(section)
        self._channel = SocketIOInput.from_credentials(section)
        self._findings = findings
        self._method = str(section.get("jwt_method") or "HS256")
        self._token = _token(section, self._method)
        self.wants_token = self._channel.protocol.claims is not None

    def over_websocket(self, url: str | None) -> bool:
        guest = Guest(self._channel.protocol.namespace, self._token)
        return url is not None and self._let_in(
            "Socket.IO over a WebSocket", url, lambda: over_websocket(url, guest)
        )

    def over_polling(self, url: str | None) -> bool:
        guest = Guest(self._channel.protocol.namespace, self._token)
        return url is not None and self._let_in(
            "Socket.IO over long polling", f"{url}/socket.io/", lambda: over_polling(url, guest)
        )

    def on_page(self, url: str | None) -> bool:
        """Whether the chat page is served, and may use the socket that it names."""
        if url is None:
            return False
        if unfit := self._unfit():
            told = ", ".join(f"'{key}'" for key in unfit)
            self._findings.warn(f"the chat page cannot work with the channel's {told}", _PAGE)
            return False
        origin = origin_of(url)
        allowed = self._channel.allowed_origins
        if allowed is not None and origin.lower() not in allowed:
            told = f"the chat page is refused: 'allowed_origins' lacks {origin}"
            self._findings.warn(told, f"Add {origin} to 'allowed_origins', and push it.")
            return False

        if not self._channel.protocol.session_persistence:
            self._findings.warn(
                "without 'session_persistence' the chat page misses what comes while it reloads",
                _PERSISTENCE,
            )

        def probe() -> None:
            over_websocket(socket_of_page(url), Guest("/", self._token, origin), session=True)

        return self._let_in("the chat page and its socket", url, probe)

    def _unfit(self) -> list[str]:
        protocol, rasas = self._channel.protocol, SocketIOInput().protocol
        keys = ("namespace", "user_message_evt", "bot_message_evt")
        return [key for key in keys if getattr(protocol, key) != getattr(rasas, key)]

    def _let_in(self, what: str, url: str, probe: Callable[[], None]) -> bool:
        try:
            probe()
        except ProbeError as error:
            if self.wants_token and self._token is None and error.refusal:
                told = f"{self._method}: none can be made here"
                self._findings.ok(f"{what} at {url}, up to the token ({told})")
                return True
            self._findings.error(f"{what}: {url} {error}", _mend(error))
            return False
        self._findings.ok(f"{what} at {url}")
        return True


def _token(section: dict[str, Any], method: str) -> str | None:
    """A token as the channel wants it; None where it wants none, or only others can sign one."""
    key = section.get("jwt_key")
    if key is None or not method.startswith("HS"):
        return None
    return jwt.encode({"exp": int(time.time()) + _TOKEN_AGE}, str(key).strip(), algorithm=method)


def _mend(error: ProbeError) -> str:
    if error.status in (401, 403) or error.refusal:
        return _AGAIN
    if error.status is not None:
        return "See the logs of the functions SocketConnectFunction and SocketPollingFunction."
    return "Is the stack up? `make up`"
